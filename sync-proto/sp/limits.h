/*
 * limits.h - every limit of the wire and the store, in one table.
 *
 * Checked before memory is reserved; each is tested at limit - 1, limit and
 * limit + 1. What is over a limit is refused with the limit's name.
 */
#ifndef SP_LIMITS_H
#define SP_LIMITS_H

// clang-format off
#define SP_FRAME_BYTES_MAX       65535u   /* one frame as sent: Noise's limit */
#define SP_FRAME_HEADER_BYTES    20u      /* clear header of every frame */
#define SP_PLAIN_BYTES_MAX       65499u   /* plaintext of a transport record */
#define SP_PAD_BYTES             32u      /* transport plaintext: a multiple */
#define SP_MESSAGE_BYTES_MAX     262144u  /* one message after decompression */
#define SP_HELLO_BYTES_MAX       256u     /* payload of a handshake message */
#define SP_DEPTH_MAX             8u       /* nesting of arrays and maps */
#define SP_ITEMS_MAX             4096u    /* elements of one array or map */
#define SP_STRING_BYTES_MAX      16384u   /* one str or bin */
#define SP_VALUE_BYTES_MAX       16384u   /* one field value, encoded */
#define SP_ELEMENT_BYTES_MAX     64u      /* element of a set key */
#define SP_RECORD_REGISTERS_MAX  4096u    /* keys of one record */
#define SP_RECORD_BYTES_MAX      131072u  /* one record, encoded */
#define SP_SIBLINGS_MAX          256u     /* concurrent values of one key */
#define SP_VECTOR_DOTS_MAX       1024u    /* replicas in one version vector */
#define SP_COMMIT_CHANGES_MAX    64u      /* records that one commit writes */
#define SP_COMMIT_WRITES_MAX     512u     /* writes of one commit, in all */
#define SP_COMMIT_BYTES_MAX      49152u   /* one commit, encoded */
#define SP_BATCH_COMMITS_MAX     1024u    /* commits under one signature */
#define SP_SCOPES_MAX            1024u    /* scopes that one peer may hold */
#define SP_CONTENTS_MAX          1024u    /* servers that a welcome names */
#define SP_RECORD_SCOPES_MAX     32u      /* scopes that one record is in */
#define SP_REPLICAS_MAX          64u      /* replica ids in one device journal */
#define SP_PAGE_ITEMS_MAX        2048u    /* records in one page */
#define SP_VERDICTS_MAX          1024u    /* verdicts in one message */
#define SP_HELD_PAGE             1024u    /* waiting commits in one request */
#define SP_DOCUMENT_BYTES_MAX    196608u  /* one signed document */
#define SP_DOCUMENT_UNIT_BYTES_MAX 64u    /* what a document is about */
#define SP_PAST_POLICIES_MAX     16u      /* of before, kept for evidence */
#define SP_DOCUMENTS_MAX         1024u    /* documents named in one message */
#define SP_FIELD_MAX             4095u    /* highest field number */
#define SP_TYPE_MAX              255u     /* highest entity number */
#define SP_COUNTER_MAX           281474976710655ull /* commit number, counter */
#define SP_HLC_AHEAD_MS_MAX      86400000u /* own clock follows others so far */
#define SP_DEFER_MS_MAX          2592000000ull /* 30 days, then a person */
#define SP_QUARANTINE_MAX        4096u    /* of one device, set aside here */
#define SP_TREE_HOPS_MAX         64u      /* levels of parents and forwards */
#define SP_UNDO_MS_MAX           2592000000ull /* a merge, by its server */
#define SP_SESSION_MS_MAX        900000u  /* new handshake after 15 minutes */
#define SP_SESSION_RECORDS_MAX   65536u   /* or as many records */
#define SP_SESSION_BYTES_MAX     268435456ull /* or 256 MiB */
#define SP_REPLAY_WINDOW         64u      /* counters remembered a direction */
// clang-format on

#endif
