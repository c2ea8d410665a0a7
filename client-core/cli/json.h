/*
 * json.h - writes one JSON document, piece by piece. One thread.
 *
 * UTF-8; bytes that are not UTF-8 become U+FFFD, so that the document always
 * parses. Write errors are the stream's: ask ferror at the end.
 */
#ifndef CC_CLI_JSON_H
#define CC_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CC_JSON_DEPTH_MAX 16u

struct cc_json {
    FILE *to;
    unsigned depth;
    char open[CC_JSON_DEPTH_MAX]; /* '{' or '[' of each level */
    bool filled[CC_JSON_DEPTH_MAX];
};

void cc_json_init(struct cc_json *j, FILE *to);

/* In an object every piece has a key, in an array and outside it is NULL. */
void cc_json_object(struct cc_json *j, const char *key);
void cc_json_array(struct cc_json *j, const char *key);
/* Closes the innermost; after the outermost comes a line's end. */
void cc_json_end(struct cc_json *j);

void cc_json_text(struct cc_json *j, const char *key, const char *text);
void cc_json_uint(struct cc_json *j, const char *key, uint64_t value);
void cc_json_int(struct cc_json *j, const char *key, int64_t value);
void cc_json_bool(struct cc_json *j, const char *key, bool value);

#endif
