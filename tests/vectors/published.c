#include "published.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

json_t *published_load(const char *name)
{
    const char *root = getenv("SATCHEL_SOURCE_ROOT");
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/../shared/vectors/%s",
        root == NULL ? "." : root, name);

    if (n < 0 || (size_t)n >= sizeof path) {
        return NULL;
    }
    return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

int published_skip(void)
{
    printf("1..0 # SKIP ../shared/vectors is not there\n");
    return 0;
}

struct sp_slice published_bytes(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    size_t size;
    uint8_t *data;

    if (text == NULL) {
        fail_msg("%s is missing", name);
    }
    size = strlen(text) / 2;
    data = malloc(size + 1);
    assert_non_null(data);
    if (sp_unhex(data, size, text) != SP_OK) {
        fail_msg("%s is not hex", name);
    }
    return (struct sp_slice){ data, size };
}

void published_free(struct sp_slice s)
{
    free((void *)(uintptr_t)s.data);
}

void published_fixed(const json_t *o, const char *name, void *out, size_t size)
{
    struct sp_slice s = published_bytes(o, name);

    if (s.size != size) {
        fail_msg("%s has %zu bytes", name, s.size);
    }
    memcpy(out, s.data, size);
    published_free(s);
}
