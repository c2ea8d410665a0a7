/*
 * files.h - how complete the files of people are, and which checks found them
 * right, by who entered them: for boards and contests. Inside a call.
 */
#ifndef CC_API_FILES_H
#define CC_API_FILES_H

#include "api/standing.h"

/* One file, and who entered it. */
struct cc_file {
    uint32_t user;
    int32_t day; /* when, by the id of the record */
    unsigned percent;
};
/* A spot check counts for who entered the file, not for who checked. */
struct cc_file_check {
    uint32_t user;
    int32_t day; /* of the check */
    bool correct;
};
/* At all times, after cc_files_read: files by person. */
struct cc_files {
    struct cc_call *call;
    const struct sp_entity *entity; /* that is being read */
    struct cc_standings standings;
    struct cc_file *file; /* heap */
    size_t count, room;
    struct cc_file_check *check; /* heap */
    size_t checks, check_room;
};

/* Zeroed before; cc_files_free in any case. Those of sp_state_walk,
 * SP_E_NOMEM. */
SP_MUST_USE sp_err cc_files_read(struct cc_files *b, struct cc_call *c);
void cc_files_free(struct cc_files *b);

#endif
