/*
 * attachment.h - photos and documents that belong to a visit, a note or an
 * account.
 *
 * What is known of one is a record (entity attachment); its bytes are kept
 * sealed on the device that took it, once, however often they are added. A
 * photo leaves the store only as a copy with its watermark in the pixels and
 * in what the file says of itself; the original stays.
 */
#ifndef SATCHEL_ATTACHMENT_H
#define SATCHEL_ATTACHMENT_H

#include "record.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SATCHEL_ATTACHMENT_BYTES_MAX 20971520u /* 20 MiB */

struct satchel_attachment_new {
    /* Id of a visit or note or its beginning, or an account as any reference
     * names it; NULL: the user's newest open visit. */
    const char *about;
    const char *name; /* of the file, for people; may be "" */
    const void *bytes;
    size_t size; /* 1 to SATCHEL_ATTACHMENT_BYTES_MAX */
    /* "LAT,LON,ACCURACY" for the watermark; NULL: where the visit was checked
     * in, when this device knows. Photos only. */
    const char *place;
    bool document;    /* any bytes, without watermark or preview */
    const char *mime; /* of a document; NULL: application/octet-stream */
};
struct satchel_attachment_saved {
    char id[SATCHEL_ID_BYTES];
    uint64_t commit; /* 0: nothing new was written */
    bool existed;    /* the same bytes were added to the same thing before */
    uint64_t bytes;
};
/*
 * Keeps a photo or document: bytes, preview and record in one transaction, so
 * there is all of it or nothing.
 *   errors   SATCHEL_E_VALUE: no JPEG or PNG; SP_E_TOO_LARGE: too many bytes
 *            or pixels; SATCHEL_E_CORRUPT: a damaged picture; SATCHEL_E_FULL:
 *            the last room is for what is typed; nothing was kept
 */
SATCHEL_API int satchel_attachment_add(struct satchel *s,
    const struct satchel_attachment_new *what,
    struct satchel_attachment_saved *out, struct satchel_error *e);

struct satchel_attachment {
    const char *id;
    const char *account_id;
    const char *account;      /* its title */
    const char *about_entity; /* "visit", "note"; "" for the account */
    const char *about_id;
    const char *name;
    const char *mime;
    uint64_t bytes;
    uint64_t at_ms;
    const char *author;
    const char *watermark; /* "" for a document */
    const char *hash;      /* BLAKE2b-256 of the bytes, hex */
    bool here;             /* this device has the bytes */
    bool to_go;            /* ... and no server has */
};
struct satchel_attachments {
    size_t count; /* newest first */
    const struct satchel_attachment *attachment;
};
/* about: as above; NULL: all on this device. documents: these instead of
 * photos. */
SATCHEL_API int satchel_attachment_list(struct satchel *s, const char *about,
    bool documents, struct satchel_attachments **out, struct satchel_error *e);

struct satchel_handed {
    uint64_t bytes;
    const char *mime;
    /* Of a photo: characters of the watermark that no font of this device has,
     * drawn as "?"; "" */
    const char *missing;
    bool cut; /* the picture is too small for all of the watermark's text */
};
struct satchel_hand_out {
    bool preview; /* the small picture instead; upright, JPEG */
    bool force;   /* takes the place of a file that is there */
};
/*
 * Writes a copy into a new file of mode 0600, in the clear: of a photo with
 * its watermark, of a document the bytes. Made aside and renamed: there is a
 * whole one or none. Every byte has been held against its hash.
 * It counts as one row of an export (satchel_export), by the same right, and
 * leaves the same note.
 *   path     "-" is standard output
 *   errors   SP_E_DENIED; SATCHEL_E_NOT_FOUND: no such attachment, its bytes
 * are on the device that took it, or no font is installed (the detail says
 *            which); SATCHEL_E_CORRUPT: damaged on this disk;
 *            SATCHEL_E_EXISTS; those of the disk
 */
SATCHEL_API int satchel_attachment_hand_out(struct satchel *s, const char *id,
    const char *path, const struct satchel_hand_out *how,
    struct satchel_handed **out, struct satchel_error *e);

#ifdef __cplusplus
}
#endif

#endif
