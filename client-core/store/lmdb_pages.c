/* lmdb_pages.c - all pages of a snapshot, before LMDB trusts them. */
#include "store/lmdb_file.h"

#include "say/say.h"
#include "store/lmdb_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages that LMDB counts and never wrote: a transaction's that gave them back.
 */
#define AHEAD_MAX (1u << 24)

enum tree_kind { TREE_FREE, TREE_MAIN, TREE_TABLE };

/* What a tree turned out to have; compared with what it says. */
struct tree {
    enum tree_kind kind;
    struct lmdb_db said;
    struct lmdb_db found;
};

/* A page still to be looked at, so far below the root. */
struct todo {
    size_t page;
    uint16_t depth;
};

struct walk {
    int fd;
    size_t page_bytes;
    size_t pages;  /* whole ones in the file */
    size_t beyond; /* number behind the last page of the snapshot */
    size_t txn;
    size_t leaves; /* that may still be looked at */
    bool partly;   /* some were not: counts cannot be compared */
    uint8_t *used; /* a bit a page */
    uint8_t *page; /* the one that is looked at; read, not mapped: a bad sector
                      is an error then, not a signal */
    struct todo *todo;
    size_t todo_count, todo_room;
    struct tree *table; /* found in the main tree */
    size_t table_count, table_room;
    size_t bad; /* the page that is wrong */
};

static sp_err wrong(struct walk *w, size_t page)
{
    w->bad = page;
    return SP_E_CORRUPT;
}

static size_t even(size_t n)
{
    return n + (n & 1u);
}

/* ---- what is to be done ------------------------------------------------ */

static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return list;
    }
    size_t more = *room * 2 + 64;
    void *p = realloc(list, more * size);
    if (p != NULL) {
        *room = more;
    }
    return p;
}

static sp_err push(struct walk *w, size_t page, unsigned depth)
{
    struct todo *list =
        grown(w->todo, w->todo_count, &w->todo_room, sizeof *list);

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->todo = list;
    list[w->todo_count++] = (struct todo){ page, (uint16_t)depth };
    return SP_OK;
}

/* Takes pages as used; false: out of range, or used already. */
static bool take(struct walk *w, size_t first, size_t count)
{
    if (first < 2 || first >= w->beyond || count > w->beyond - first) {
        return false;
    }
    for (size_t i = first; i < first + count; i++) {
        uint8_t bit = (uint8_t)(1u << (i % 8));
        if (w->used[i / 8] & bit) {
            return false;
        }
        w->used[i / 8] |= bit;
    }
    return true;
}

static bool read_at(
    const struct walk *w, size_t number, void *out, size_t bytes)
{
    return number < w->pages && cc_lmdb_file_read(w->fd, out, bytes,
                                    (uint64_t)number * w->page_bytes);
}

/* ---- values ------------------------------------------------------------ */

/* A value on pages of its own. */
static sp_err check_overflow(
    struct walk *w, struct tree *t, size_t first, size_t bytes)
{
    struct lmdb_page head;
    uint32_t count;

    if (first < 2 || !read_at(w, first, &head, sizeof head)) {
        return wrong(w, first);
    }
    memcpy(&count, &head.lower, sizeof count);
    if (head.number != first || head.flags != LMDB_PAGE_OVERFLOW ||
        count == 0 || count > w->pages - first ||
        bytes > count * w->page_bytes - sizeof head || !take(w, first, count)) {
        return wrong(w, first);
    }
    t->found.overflow_pages += count;
    return SP_OK;
}

/* A list of pages that a transaction gave back: their number, then each, in
 * falling order. LMDB writes on them without a look. */
static sp_err check_free_list(
    struct walk *w, size_t page, const uint8_t *data, size_t bytes)
{
    size_t count, number, above = w->beyond;

    memcpy(&count, data, bytes < sizeof count ? 0 : sizeof count);
    if (bytes < sizeof count || bytes / sizeof count - 1 < count ||
        bytes % sizeof count != 0) {
        return wrong(w, page);
    }
    for (size_t i = 1; i <= count; i++) {
        memcpy(&number, data + i * sizeof number, sizeof number);
        if (number >= above || !take(w, number, 1)) {
            return wrong(w, page);
        }
        above = number;
    }
    return SP_OK;
}

static sp_err check_long_free_list(struct walk *w, size_t first, size_t bytes)
{
    size_t head = sizeof(struct lmdb_page);
    uint8_t *data = malloc(head + bytes);
    sp_err err = SP_E_NOMEM;

    if (data != NULL) {
        err = read_at(w, first, data, head + bytes)
                  ? check_free_list(w, first, data + head, bytes)
                  : wrong(w, first);
    }
    free(data);
    return err;
}

static bool table_fits(const struct walk *w, const struct lmdb_db *db)
{
    bool empty = db->root == LMDB_NO_PAGE;

    return db->pad == 0 && db->flags == 0 && db->depth <= LMDB_DEPTH_MAX &&
           empty == (db->depth == 0) &&
           (empty ? db->entries == 0 : db->root < w->beyond);
}

static sp_err add_table(struct walk *w, size_t page, const uint8_t *data)
{
    struct tree t = { .kind = TREE_TABLE };
    struct tree *list =
        grown(w->table, w->table_count, &w->table_room, sizeof *list);

    if (list == NULL) {
        return SP_E_NOMEM;
    }
    w->table = list;
    memcpy(&t.said, data, sizeof t.said);
    if (!table_fits(w, &t.said)) {
        return wrong(w, page);
    }
    list[w->table_count++] = t;
    return SP_OK;
}

/* ---- nodes ------------------------------------------------------------- */

/* One node of a page, as it lies there. */
struct seen {
    struct lmdb_node n;
    size_t at;    /* offset of the node */
    size_t bytes; /* of the node on this page */
    const uint8_t *key, *data;
    size_t data_bytes;
};

static bool read_node(const struct walk *w, const uint8_t *page,
    const struct lmdb_page *head, unsigned i, bool leaf, struct seen *out)
{
    uint16_t offset;

    memcpy(&offset, page + sizeof *head + 2u * i, sizeof offset);
    out->at = offset;
    if (offset < head->upper || offset % 2 != 0 ||
        offset + sizeof out->n > w->page_bytes) {
        return false;
    }
    memcpy(&out->n, page + offset, sizeof out->n);
    out->key = page + offset + sizeof out->n;
    out->data = out->key + out->n.key_bytes;
    out->data_bytes = leaf ? out->n.lo | (size_t)out->n.hi << 16 : 0;
    out->bytes = sizeof out->n + out->n.key_bytes;
    if (leaf) {
        out->bytes +=
            out->n.flags & LMDB_NODE_BIG ? sizeof(size_t) : out->data_bytes;
    }
    return out->n.key_bytes <= LMDB_KEY_BYTES_MAX &&
           out->bytes <= w->page_bytes - offset;
}

/* Keys rise; the first of a branch page is not looked at by anybody. Those of
 * the free list are numbers. */
static bool rises(
    enum tree_kind kind, const struct seen *before, const struct seen *now)
{
    size_t a, b, least = before->n.key_bytes;

    if (kind == TREE_FREE) {
        memcpy(&a, before->key, sizeof a);
        memcpy(&b, now->key, sizeof b);
        return a < b;
    }
    if (now->n.key_bytes < least) {
        least = now->n.key_bytes;
    }
    int order = memcmp(before->key, now->key, least);
    return order < 0 || (order == 0 && before->n.key_bytes < now->n.key_bytes);
}

static sp_err check_leaf_node(
    struct walk *w, struct tree *t, size_t page, const struct seen *s)
{
    unsigned wanted = s->n.flags & ~(unsigned)LMDB_NODE_BIG;
    sp_err err = SP_OK;

    if (wanted != 0 && (t->kind != TREE_MAIN || wanted != LMDB_NODE_TREE)) {
        return wrong(w, page);
    }
    if (s->n.flags & LMDB_NODE_BIG) {
        size_t first;
        memcpy(&first, s->data, sizeof first);
        err = check_overflow(w, t, first, s->data_bytes);
        if (err == SP_OK && t->kind == TREE_FREE) {
            err = check_long_free_list(w, first, s->data_bytes);
        }
        return err == SP_OK && wanted != 0 ? wrong(w, page) : err;
    }
    if (t->kind == TREE_FREE) {
        return check_free_list(w, page, s->data, s->data_bytes);
    }
    if (wanted == 0) {
        return SP_OK;
    }
    return s->data_bytes == sizeof(struct lmdb_db) ? add_table(w, page, s->data)
                                                   : wrong(w, page);
}

static sp_err check_branch_node(
    struct walk *w, size_t page, unsigned depth, const struct seen *s)
{
    uint64_t child =
        s->n.lo | (uint64_t)s->n.hi << 16 | (uint64_t)s->n.flags << 32;

    return child < 2 || child >= w->beyond ? wrong(w, page)
                                           : push(w, (size_t)child, depth + 1);
}

/* ---- pages ------------------------------------------------------------- */

static bool key_fits(
    enum tree_kind kind, const struct seen *s, bool leaf, unsigned i)
{
    if (!leaf && i == 0) {
        return true;
    }
    return kind == TREE_FREE ? s->n.key_bytes == sizeof(size_t)
                             : s->n.key_bytes > 0;
}

static sp_err check_nodes(struct walk *w, struct tree *t, size_t number,
    unsigned depth, const struct lmdb_page *head)
{
    const uint8_t *page = w->page;
    bool leaf = head->flags == LMDB_PAGE_LEAF;
    unsigned count = (head->lower - (unsigned)sizeof *head) / 2u;
    struct seen before = { .at = 0 }, now;
    size_t bytes = 0;
    sp_err err = SP_OK;

    for (unsigned i = 0; i < count && err == SP_OK; i++) {
        if (!read_node(w, page, head, i, leaf, &now) ||
            !key_fits(t->kind, &now, leaf, i) ||
            (i > (leaf ? 0u : 1u) && !rises(t->kind, &before, &now))) {
            return wrong(w, number);
        }
        bytes += even(now.bytes);
        err = leaf ? check_leaf_node(w, t, number, &now)
                   : check_branch_node(w, number, depth, &now);
        before = now;
    }
    /* Nodes that lie over each other would let a later one grow too far. */
    return err == SP_OK && bytes > w->page_bytes - head->upper
               ? wrong(w, number)
               : err;
}

static sp_err check_page(struct walk *w, struct tree *t, struct todo todo)
{
    struct lmdb_page head;
    bool last = todo.depth == t->said.depth;

    if (last && t->kind != TREE_FREE && w->leaves == 0) {
        w->partly = true;
        return SP_OK;
    }
    if (!read_at(w, todo.page, w->page, w->page_bytes) ||
        !take(w, todo.page, 1)) {
        return wrong(w, todo.page);
    }
    memcpy(&head, w->page, sizeof head);
    if (head.number != todo.page ||
        head.flags != (last ? LMDB_PAGE_LEAF : LMDB_PAGE_BRANCH) ||
        head.lower % 2 != 0 || head.lower > head.upper ||
        head.upper > w->page_bytes ||
        head.lower < sizeof head + (last ? 2u : 4u)) {
        return wrong(w, todo.page);
    }
    if (last) {
        w->leaves -= w->leaves > 0;
        t->found.leaf_pages++;
        t->found.entries += (head.lower - sizeof head) / 2u;
    } else {
        t->found.branch_pages++;
    }
    return check_nodes(w, t, todo.page, todo.depth, &head);
}

static bool counts_fit(const struct walk *w, const struct tree *t)
{
    return w->partly || (t->said.branch_pages == t->found.branch_pages &&
                            t->said.leaf_pages == t->found.leaf_pages &&
                            t->said.overflow_pages == t->found.overflow_pages &&
                            t->said.entries == t->found.entries);
}

static sp_err check_tree(struct walk *w, struct tree *t)
{
    sp_err err = SP_OK;

    if (t->said.root == LMDB_NO_PAGE) {
        return counts_fit(w, t) ? SP_OK : wrong(w, 0);
    }
    err = push(w, t->said.root, 1);
    while (err == SP_OK && w->todo_count > 0) {
        struct todo next = w->todo[--w->todo_count];
        err = next.depth > t->said.depth ? wrong(w, next.page)
                                         : check_page(w, t, next);
    }
    return err == SP_OK && !counts_fit(w, t) ? wrong(w, t->said.root) : err;
}

/* The trees first: a free page that is in use shows when its list is read. */
static sp_err check_trees(struct walk *w, const struct lmdb_meta *m)
{
    struct tree main = { .kind = TREE_MAIN, .said = m->db[1] };
    struct tree free_list = { .kind = TREE_FREE, .said = m->db[0] };
    sp_err err = check_tree(w, &main);

    for (size_t i = 0; i < w->table_count && err == SP_OK; i++) {
        struct tree t = w->table[i];
        err = check_tree(w, &t);
    }
    return err == SP_OK ? check_tree(w, &free_list) : err;
}

/* ---- the file ---------------------------------------------------------- */

/* The head page of the snapshot. SP_E_BUSY when a writer has used it since. */
static sp_err find_meta(int fd, size_t txn, struct lmdb_meta *m)
{
    struct lmdb_meta first;

    if (!cc_lmdb_file_meta(fd, 0, 0, &first) ||
        !cc_lmdb_file_meta(fd, first.db[0].pad, (unsigned)(txn & 1u), m)) {
        return SP_E_CORRUPT;
    }
    return m->txn == txn ? SP_OK : SP_E_BUSY;
}

static sp_err say(const struct walk *w, const char *path, char *note)
{
    if (w->bad >= w->pages && w->bad < w->beyond) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "%s is truncated: it has %zu pages, and page %zu is in use; "
            "restore it from a backup",
            path, w->pages, w->bad);
    } else {
        cc_say_note(note, CC_LMDB_NOTE_BYTES,
            "page %zu of %s is damaged; restore it from a backup", w->bad,
            path);
    }
    return SP_E_CORRUPT;
}

static sp_err check_pages(
    const char *path, struct walk *w, const struct lmdb_meta *m, char *note)
{
    w->used = calloc(1, w->beyond / 8 + 1);
    w->page = malloc(w->page_bytes);
    sp_err err =
        w->used == NULL || w->page == NULL ? SP_E_NOMEM : check_trees(w, m);
    free(w->used);
    free(w->page);
    free(w->todo);
    free(w->table);
    return err == SP_E_CORRUPT ? say(w, path, note) : err;
}

static sp_err check_open(
    int fd, const char *path, size_t txn, size_t leaves, char *note)
{
    struct walk w = { .fd = fd, .txn = txn, .leaves = leaves };
    struct lmdb_meta m;
    struct stat st;
    sp_err err = find_meta(fd, txn, &m);

    if (err == SP_OK && fstat(fd, &st) != 0) {
        err = SP_E_IO;
    }
    if (err != SP_OK) {
        return err;
    }
    w.page_bytes = m.db[0].pad;
    w.pages = (size_t)st.st_size / w.page_bytes;
    w.beyond = m.last_page + 1;
    if (m.last_page > w.pages + AHEAD_MAX) {
        w.bad = w.pages;
        return say(&w, path, note);
    }
    return check_pages(path, &w, &m, note);
}

sp_err cc_lmdb_pages_check(
    const char *path, size_t txn, size_t leaves, char *note)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sp_err err;

    note[0] = '\0';
    if (fd < 0) {
        cc_say_note(note, CC_LMDB_NOTE_BYTES, "cannot open %s: %s", path,
            cc_say_errno(errno));
        return SP_E_IO;
    }
    err = check_open(fd, path, txn, leaves, note);
    (void)close(fd);
    return err;
}
