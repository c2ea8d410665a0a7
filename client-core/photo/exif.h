/*
 * exif.h - what a JPEG that is handed out says of itself, as the body of an
 * EXIF segment (CIPA DC-008; TIFF 6.0 for the directories).
 *
 * Nothing of the original's own segment is taken over but how it is turned: a
 * camera writes its serial number, and the place, beside the rest.
 *
 *   threads  any
 */
#ifndef CC_PHOTO_EXIF_H
#define CC_PHOTO_EXIF_H

#include "sp/bytes.h"
#include "sp/err.h"

struct cc_exif {
    const char *text;   /* UTF-8: its ImageDescription */
    const char *author; /* Artist */
    const char *taken;  /* "2026:11:22 13:40:05", local */
    const char *zone;   /* "+08:00" */
    unsigned turn;      /* 1 to 8 */
};
/* Errors latch in out. */
void cc_exif_put(const struct cc_exif *e, struct sp_buf *out);

#endif
