/*
 * plain_state.h - what accepted commits add up to, replayed as plainly as
 * SYNC M2 and M3 say it: lists, nothing sorted, nothing shared. The state of
 * head office is compared with it.
 */
#ifndef SIM_PLAIN_STATE_H
#define SIM_PLAIN_STATE_H

#include "sp/commit.h"

struct plain_state;

struct plain_state *plain_state_new(void);
void plain_state_free(struct plain_state *s);
/* Replays one commit, in any order, of the plain types; once more changes
 * nothing. The commit lives on. */
void plain_state_apply(struct plain_state *s, const struct sp_commit *c);
/* Whether a record holds exactly the values that were replayed, with
 * everything that they have seen. On a difference *field says where. */
bool plain_state_equal(
    const struct plain_state *s, const struct sp_record *r, uint16_t *field);
/* Number of records that something was replayed for. */
uint32_t plain_state_records(const struct plain_state *s);

#endif
