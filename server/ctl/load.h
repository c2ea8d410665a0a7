/*
 * load.h - the rows of a file (rows.h) into the store, as this server's own
 * commits under a person's name (SYNC J7): bounded memory, whole batches.
 *
 * First every row is checked; then the good ones are committed, LOAD batch by
 * batch, each with a mark of how far the file has come, while the next batch
 * is being read. A second run of the same file goes on where the first ended.
 * A dry run does the same in transactions that are dropped.
 */
#ifndef SV_LOAD_H
#define SV_LOAD_H

#include "ctl/call.h"
#include "ctl/cards.h"
#include "ctl/columns.h"
#include "ctl/mark.h"

struct sv_load_setup {
    struct sv_columns_typed typed;
    const char *null, *currency; /* or NULL */
    enum sv_csv_encoding encoding;
    const struct sv_cards_setup *cards; /* a file of vCards; or NULL */
    uint32_t user;                      /* under whose name */
    bool everything;                    /* he runs imports: no role is asked */
    bool dry_run;                       /* nothing is kept */
    bool again;                         /* also what was taken in before */
    bool keep_duplicates;               /* of files without a key */
    int file;                           /* open, can be read from its start */
    int errors, phones, similar;        /* lists, or -1 */
};

/*
 * Does it.
 *   counts   valid also after a failure: what is in is in
 *   unused   columns that nothing takes, "" none
 *   errors   said in the call: SP_E_VALUE (the file cannot be read),
 *            SP_E_ARGUMENT, SP_E_EXISTS (taken in before), SP_E_OFFLINE (he
 *            who asked has gone); those of the store
 */
SP_MUST_USE sp_err sv_load_run(struct sv_call *call,
    const struct sv_load_setup *setup, struct sv_mark_counts *counts,
    char unused[SV_COLUMNS_TEXT_BYTES]);

#endif
