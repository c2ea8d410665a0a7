/*
 * lmdb_reserve.h - room for what a person types when the disk is full.
 *
 * A device's store keeps 1 MiB of blocks behind its last page that are the
 * file's already (of a small disk a sixteenth), so an edit is saved when other
 * things have filled the disk. What can wait, a sync that fetches, leaves them
 * alone. Servers keep none. Where the file system cannot, there is no reserve.
 */
#ifndef CC_STORE_LMDB_RESERVE_H
#define CC_STORE_LMDB_RESERVE_H

#include "store/lmdb_env.h"

/* Writers that this thread begins from now on leave the reserve alone: while
 * it is not whole they get SP_E_FULL, and nothing has failed. */
void cc_lmdb_reserve_leave(bool leave);

/* For lmdb_env.c: at open; and before each writer, whether he has to wait for
 * room. */
void cc_lmdb_reserve_init(struct cc_lmdb_env *e);
bool cc_lmdb_reserve_spares(struct cc_lmdb_env *e);

#endif
