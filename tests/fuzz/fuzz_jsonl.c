/* JSON Lines: drafts whose every value the dictionary takes and says again, or
 * a problem that says what to do. One bad line costs no other. */
#include "ctl/line.h"

#include <string.h>

#include "ctl/import.h"
#include "org.h"
#include "sp/pack.h"
#include "target.h"

static void check_again(const struct sp_field *f, struct sp_slice value)
{
    struct sp_buf text, back;

    SP_ASSERT(sp_dictionary_check_value(f, value) == SP_OK);
    sp_buf_init(&text, (size_t)4 * SP_VALUE_BYTES_MAX);
    sp_buf_init(&back, SP_VALUE_BYTES_MAX);
    sp_dictionary_format_value(f, value, SP_TEXT_EXACT, &text);
    SP_ASSERT(text.err == SP_OK);
    /* A total is said, not an increment; bytes nobody types. */
    if (f->merge != SP_MERGE_CNT && f->kind != SP_VALUE_BYTES) {
        SP_ASSERT(
            sp_dictionary_parse_value(f, sp_buf_slice(&text), &back) == SP_OK);
        SP_ASSERT(sp_slice_equal(sp_buf_slice(&back), value));
    }
    sp_buf_free(&text);
    sp_buf_free(&back);
}

static void check_draft(
    const struct sp_dictionary *dictionary, const struct sp_draft *draft)
{
    SP_ASSERT(draft->count == 1);
    const struct sp_draft_change *c = &draft->change[0];
    const struct sp_entity *e = sp_dictionary_entity(dictionary, c->ref.type);
    SP_ASSERT(e != NULL && c->create && c->count <= SV_IMPORT_WRITES_MAX);
    for (uint32_t i = 0; i < c->count; i++) {
        const struct sp_draft_write *w = &c->write[i];
        const struct sp_field *f = sp_dictionary_field(e, w->key.field);
        SP_ASSERT(f != NULL && !f->retired && f->merge != SP_MERGE_DRV);
        SP_ASSERT(!f->set || w->key.element.size > 0);
        check_again(f, w->value);
    }
}

void fuzz_jsonl(struct sp_slice in)
{
    static struct test_org *org; /* made once, kept */
    static const struct sp_dictionary *dictionary;
    struct sp_arena arena;
    struct sp_buf value;

    if (org == NULL) {
        org = test_org_new(3);
        dictionary = sp_rulebook_dictionary(test_org_rulebook(org));
    }
    sp_arena_init(&arena, (size_t)16 << 20);
    sp_buf_init(&value, SP_VALUE_BYTES_MAX);
    const struct sv_line line = { dictionary, &arena, &value };
    while (in.size > 0) {
        const uint8_t *end = memchr(in.data, '\n', in.size);
        size_t size = end == NULL ? in.size : (size_t)(end - in.data);
        struct sv_csv_problem problem = { .code = NULL };
        struct sp_draft draft;
        sp_err err =
            sv_line_read(&line, sp_slice_of(in.data, size), &draft, &problem);
        SP_ASSERT(err == SP_OK || err == SP_E_VALUE || err == SP_E_NOT_FOUND);
        if (err == SP_OK) {
            check_draft(dictionary, &draft);
        } else if (err == SP_E_VALUE) {
            SP_ASSERT(problem.code != NULL && problem.text[0] != '\0');
        }
        size += end == NULL ? 0 : 1;
        in = sp_slice_of(in.data + size, in.size - size);
    }
    sp_buf_free(&value);
    sp_arena_free(&arena);
}
