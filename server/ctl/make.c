#include "ctl/make.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ctl/sample.h"
#include "ops/say.h"
#include "sp/describe.h"
#include "sp/pack.h"

#define DESCRIBED_BYTES_MAX 1048576u
#define TERRITORIES_MAX     256u

const char *sv_make_arg(
    const struct sv_make *m, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(m->args, name));
    return text == NULL ? fallback : text;
}

sp_err sv_make_refuse(struct sv_make *m, sp_err err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(m->text, sizeof m->text, sv_say(format), list);
    va_end(list);
    return err;
}

sp_err sv_make_config(struct sv_make *m)
{
    char path[1024];
    const char *listen = sv_make_arg(m, "listen", NULL);
    struct sv_config config;
    struct sv_config_error error;
    if (listen == NULL) {
        return SP_OK;
    }
    sv_config_init(&config);
    sp_err err = sv_config_set(&config, "listen", listen, "--listen", &error);
    if (err != SP_OK) {
        return sv_make_refuse(m, err, "%s", error.text);
    }
    snprintf(path, sizeof path, "%s/satcheld.conf", m->dir);
    FILE *file = fopen(path, "wx");
    if (file == NULL) {
        return errno == EEXIST ? SP_OK
                               : sv_make_refuse(m, SP_E_IO, "%s: %s", path,
                                     cc_say_errno(errno));
    }
    int rc = fprintf(file,
        "# Settings of this server; all of them: satcheld --help\nlisten = "
        "%s\n",
        listen);
    if (fclose(file) != 0 || rc < 0) {
        return sv_make_refuse(m, SP_E_IO, "%s: %s", path, cc_say_errno(errno));
    }
    return SP_OK;
}

static sp_err read_file(struct sv_make *m, const char *path, struct sp_buf *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t piece[4096];
    size_t size;
    if (file == NULL) {
        return sv_make_refuse(
            m, SP_E_NOT_FOUND, "%s: %s", path, cc_say_errno(errno));
    }
    while ((size = fread(piece, 1, sizeof piece, file)) > 0) {
        sp_buf_put(out, piece, size);
    }
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed) {
        return sv_make_refuse(m, SP_E_IO, "%s: %s", path, cc_say_errno(errno));
    }
    return out->err == SP_OK
               ? SP_OK
               : sv_make_refuse(m, SP_E_TOO_LARGE,
                     "%s: larger than %u bytes; nothing of ours is", path,
                     DESCRIBED_BYTES_MAX);
}

/* The first reading that fits wins; a commit's replica is not in its bytes. */
static void describe(struct sp_slice in, struct sp_buf *out)
{
    struct sp_arena arena;
    struct sp_frame frame;
    struct sp_document document;
    struct sp_commit commit;
    struct sp_record record;
    sp_arena_init(&arena, 64u * DESCRIBED_BYTES_MAX);
    if (sp_frame_parse(in, &frame) == SP_OK) {
        sp_describe_frame(&frame, out);
    } else if (sp_document_decode(in, &document) == SP_OK) {
        sp_describe_document(&document, SP_DESCRIBE_ALL, out);
    } else if (sp_commit_decode(in, sp_replica_make(1, 1), &arena, &commit) ==
               SP_OK) {
        sp_describe_commit(&commit, SP_DESCRIBE_ALL, out);
    } else if (sp_record_decode(in, SP_RECORD_WIRE, &arena, &record) == SP_OK) {
        sp_describe_record(&record, SP_DESCRIBE_ALL, out);
    } else {
        sp_describe_value(in, SP_DESCRIBE_ALL, out);
        sp_buf_put_u8(out, '\n');
    }
    sp_arena_free(&arena);
}

sp_err sv_make_description(struct sv_make *m)
{
    struct sp_buf in, out;
    sp_buf_init(&in, DESCRIBED_BYTES_MAX);
    sp_buf_init(&out, 16u * DESCRIBED_BYTES_MAX);
    sp_err err = read_file(m, sv_make_arg(m, "file", ""), &in);
    if (err == SP_OK) {
        describe(sp_buf_slice(&in), &out);
        err = out.err;
    }
    if (err == SP_OK) {
        json_t *body = json_stringn((const char *)out.data, out.size);
        (void)json_object_set_new(
            m->result, "body", body == NULL ? json_string("not text\n") : body);
    }
    sp_buf_free(&in);
    sp_buf_free(&out);
    return err;
}

static sp_err write_out(void *self, struct sp_slice bytes)
{
    (void)self;
    return fwrite(bytes.data, 1, bytes.size, stdout) == bytes.size ? SP_OK
                                                                   : SP_E_IO;
}

sp_err sv_make_sample(struct sv_make *m)
{
    char names[4096];
    const char *territory[TERRITORIES_MAX];
    struct sv_sample_plan plan = {
        .seed = strtoull(sv_make_arg(m, "seed", "1"), NULL, 10),
        .accounts = (uint32_t)strtoul(sv_make_arg(m, "count", "100"), NULL, 10),
        .territories = territory,
    };
    int size = snprintf(names, sizeof names, "%s",
        sv_make_arg(m, "territories", "north,south"));
    if (size < 0 || (size_t)size >= sizeof names) {
        return sv_make_refuse(m, SP_E_ARGUMENT, "--territories is too long");
    }
    char *rest = NULL;
    for (char *piece = strtok_r(names, ", ", &rest);
         piece != NULL && plan.territory_count < TERRITORIES_MAX;
         piece = strtok_r(NULL, ", ", &rest)) {
        territory[plan.territory_count++] = piece;
    }
    sp_err err = sv_sample_accounts(&plan, write_out, NULL);
    if (err == SP_E_ARGUMENT) {
        return sv_make_refuse(m, err,
            "--count goes up to %u, and --territories needs at least one",
            SV_SAMPLE_ROWS_MAX);
    }
    return err;
}
