#include "cli/args.h"

#include "say/nearest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_DIGITS_MAX 9u

/* Where parsing stands. */
struct parse {
    struct cc_args *a;
    struct cc_wrong *wrong;
    int argc, next;
    char **argv;
    bool options_ended;
    bool has_operand; /* a further word is no command any more */
};

static bool fail(struct parse *p, enum cc_wrong_kind kind, const char *what)
{
    p->wrong->kind = kind;
    p->wrong->what = what;
    return false;
}

/* Index of an option in a list, by "name" (name_bytes of it) or letter. */
static bool find_option(const struct cc_option *list, const char *name,
    size_t name_bytes, size_t *index)
{
    size_t i;

    for (i = 0; list != NULL && list[i].name != NULL; i++) {
        if (strlen(list[i].name) == name_bytes &&
            strncmp(list[i].name, name, name_bytes) == 0) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool find_letter(
    const struct cc_option *list, char letter, size_t *index)
{
    size_t i;

    for (i = 0; list != NULL && list[i].name != NULL; i++) {
        if (list[i].letter == letter) {
            *index = i;
            return true;
        }
    }
    return false;
}

static bool is_count(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= COUNT_DIGITS_MAX && text[digits] == '\0';
}

const struct cc_command *cc_args_first(
    const struct cc_commands *table, struct cc_commands_walk *walk)
{
    walk->part = table->part;
    walk->row = *walk->part;
    return cc_args_next(walk);
}

const struct cc_command *cc_args_next(struct cc_commands_walk *walk)
{
    while (*walk->part != NULL && walk->row->group == NULL) {
        walk->row = *++walk->part;
    }
    return *walk->part == NULL ? NULL : walk->row++;
}

/* The command that a group means without a second word, if any. */
static const struct cc_command *alone(
    const struct cc_commands *table, const char *group)
{
    struct cc_commands_walk w;
    const struct cc_command *c;

    for (c = cc_args_first(table, &w); c != NULL; c = cc_args_next(&w)) {
        if (strcmp(c->group, group) == 0 && (c->alone || c->name == NULL)) {
            return c;
        }
    }
    return NULL;
}

static bool store_value(struct parse *p, const struct cc_option *o,
    const char **slot, const char *attached)
{
    if (o->kind == CC_OPTION_FLAG) {
        if (attached != NULL) {
            return fail(p, CC_WRONG_VALUE, o->name);
        }
        *slot = "";
        return true;
    }
    if (attached == NULL) {
        if (p->next == p->argc) {
            return fail(p, CC_WRONG_NO_VALUE, o->name);
        }
        attached = p->argv[p->next++];
    }
    if (o->kind == CC_OPTION_COUNT && !is_count(attached)) {
        p->wrong->nearest = attached;
        return fail(p, CC_WRONG_NUMBER, o->name);
    }
    *slot = attached;
    return true;
}

static void offer_options(struct cc_nearest *n, const struct cc_option *list)
{
    for (; list != NULL && list->name != NULL; list++) {
        cc_nearest_offer(n, list->name);
    }
}

static bool unknown_option(
    struct parse *p, const char *word, const char *name, size_t name_bytes)
{
    char *text = p->wrong->option_text;
    const struct cc_args *a = p->a;
    struct cc_nearest n;

    (void)snprintf(text, sizeof(p->wrong->option_text), "%.*s",
        (int)(name + name_bytes - word), word);
    cc_nearest_init(&n, text + (name - word));
    if (a->command != NULL) {
        offer_options(&n, a->command->option);
    }
    offer_options(&n, a->table->global);
    p->wrong->nearest = n.best;
    return fail(p,
        a->command == NULL && n.best == NULL ? CC_WRONG_EARLY : CC_WRONG_OPTION,
        text);
}

static bool take_long(struct parse *p, const char *word)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t bytes = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const char *attached = equals == NULL ? NULL : equals + 1;
    struct cc_args *a = p->a;
    size_t i;

    if (find_option(a->table->global, name, bytes, &i)) {
        return store_value(p, &a->table->global[i], &a->global[i], attached);
    }
    if (a->command == NULL && a->group != NULL) {
        a->command = alone(a->table, a->group);
    }
    if (a->command != NULL &&
        find_option(a->command->option, name, bytes, &i)) {
        return store_value(p, &a->command->option[i], &a->option[i], attached);
    }
    return unknown_option(p, word, name, bytes);
}

/* One letter each: -h. */
static bool take_letter(struct parse *p, const char *word)
{
    struct cc_args *a = p->a;
    size_t i;

    if (word[2] == '\0' && find_letter(a->table->global, word[1], &i)) {
        return store_value(p, &a->table->global[i], &a->global[i], NULL);
    }
    if (word[2] == '\0' && a->command != NULL &&
        find_letter(a->command->option, word[1], &i)) {
        return store_value(p, &a->command->option[i], &a->option[i], NULL);
    }
    return unknown_option(p, word, word + 1, strlen(word + 1));
}

static bool unknown_command(struct parse *p, const char *word)
{
    const struct cc_args *a = p->a;
    struct cc_commands_walk w;
    const struct cc_command *c;
    struct cc_nearest n;

    cc_nearest_init(&n, word);
    for (c = cc_args_first(a->table, &w); c != NULL; c = cc_args_next(&w)) {
        if (a->group == NULL) {
            cc_nearest_offer(&n, c->group);
        } else if (strcmp(c->group, a->group) == 0 && c->name != NULL) {
            cc_nearest_offer(&n, c->name);
        }
    }
    p->wrong->nearest = n.best;
    return fail(p, CC_WRONG_COMMAND, word);
}

static bool take_operand(struct parse *p, char *word)
{
    struct cc_args *a = p->a;

    if (a->operand_count == CC_ARGS_OPERANDS_MAX) {
        return fail(p, CC_WRONG_TOO_MANY, word);
    }
    a->operand[a->operand_count++] = word;
    return true;
}

/* A word that is no option while the command is not known yet. */
static bool take_command_word(struct parse *p, char *word)
{
    struct cc_args *a = p->a;
    struct cc_commands_walk w;
    const struct cc_command *c;

    for (c = cc_args_first(a->table, &w); c != NULL; c = cc_args_next(&w)) {
        if (a->group == NULL && strcmp(c->group, word) == 0) {
            a->group = c->group;
            a->command = c->name == NULL ? c : NULL;
            return true;
        }
        if (a->group != NULL && strcmp(c->group, a->group) == 0 &&
            c->name != NULL && strcmp(c->name, word) == 0) {
            a->command = c;
            return true;
        }
    }
    (void)unknown_command(p, word); /* and what may be meant */
    c = a->group == NULL ? NULL : alone(a->table, a->group);
    if (c == NULL || c->operand == NULL || p->wrong->nearest != NULL) {
        return false;
    }
    /* "account 茶行": no slip of a command, so what the group is about */
    memset(p->wrong, 0, sizeof(*p->wrong));
    a->command = c;
    a->guessed = word;
    return take_operand(p, word);
}

static bool take_word(struct parse *p, char *word)
{
    return p->a->command == NULL ? take_command_word(p, word)
                                 : take_operand(p, word);
}

/* "-" alone, "-3 boxes", "-not today" and "-没货" are operands: a note may
 * begin with a dash. */
static bool is_option(const char *word)
{
    return word[0] == '-' &&
           (word[1] == '-' || (word[1] >= 'a' && word[1] <= 'z') ||
               (word[1] >= 'A' && word[1] <= 'Z')) &&
           (strchr(word, ' ') == NULL || strchr(word, '=') != NULL);
}

static bool take(struct parse *p, char *word)
{
    if (p->options_ended || !is_option(word)) {
        return take_word(p, word);
    }
    if (strcmp(word, "--") == 0) {
        p->options_ended = true;
        return true;
    }
    return word[1] == '-' ? take_long(p, word) : take_letter(p, word);
}

/* What was taken for a name was meant as a command after all. */
static bool no_such_command(struct parse *p, const char *word)
{
    p->a->command = NULL;
    return unknown_command(p, word);
}

/* Those behind this one that have to be there. */
static size_t required_behind(const struct cc_operand *o)
{
    size_t count = 0;

    for (o++; o->name != NULL; o++) {
        count += !o->optional;
    }
    return count;
}

static bool check_operands(struct parse *p)
{
    const struct cc_args *a = p->a;
    const struct cc_operand *o = a->command->operand;
    size_t i = 0;

    for (; o != NULL && o->name != NULL; o++) {
        if (o->many) {
            return i < a->operand_count || o->optional
                       ? true
                       : fail(p, CC_WRONG_MISSING, o->name);
        }
        if (i == a->operand_count && !o->optional) {
            return fail(p, CC_WRONG_MISSING, o->name);
        }
        if (o->optional && a->operand_count - i <= required_behind(o)) {
            continue; /* the words that are left are the others' */
        }
        /* an assignment is never a thing's name where assignments may be */
        if (i < a->operand_count &&
            !(o->optional && cc_args_is_assignment(a->operand[i]))) {
            i++;
        }
    }
    if (i == a->operand_count) {
        return true;
    }
    if (a->guessed != NULL) { /* more than a name stands there */
        return no_such_command(p, a->guessed);
    }
    return fail(p, CC_WRONG_TOO_MANY, a->operand[i]);
}

bool cc_args_parse(struct cc_args *a, const struct cc_commands *table, int argc,
    char **argv, struct cc_wrong *wrong)
{
    struct parse p = {
        .a = a, .wrong = wrong, .argc = argc, .next = 1, .argv = argv
    };

    memset(a, 0, sizeof(*a));
    memset(wrong, 0, sizeof(*wrong));
    a->table = table;
    while (p.next < argc) {
        if (!take(&p, argv[p.next++])) {
            return false;
        }
    }
    if (cc_args_flag(a, "help") || cc_args_flag(a, "version")) {
        return true;
    }
    if (a->command == NULL && a->group != NULL) {
        a->command = alone(table, a->group);
    }
    if (a->command == NULL) {
        return fail(&p, CC_WRONG_UNFINISHED, a->group);
    }
    return check_operands(&p);
}

const char *cc_args_value(const struct cc_args *a, const char *name)
{
    size_t i;

    if (a->command != NULL &&
        find_option(a->command->option, name, strlen(name), &i)) {
        return a->option[i];
    }
    if (!find_option(a->table->global, name, strlen(name), &i)) {
        abort();
    }
    return a->global[i];
}

bool cc_args_flag(const struct cc_args *a, const char *name)
{
    return cc_args_value(a, name) != NULL;
}

uint64_t cc_args_count(
    const struct cc_args *a, const char *name, uint64_t otherwise)
{
    const char *text = cc_args_value(a, name);

    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

char *cc_args_operand(const struct cc_args *a, size_t index)
{
    return index < a->operand_count ? a->operand[index] : NULL;
}

const char *cc_args_peek(
    const struct cc_commands *table, int argc, char **argv, const char *name)
{
    const char *found = NULL;
    size_t bytes = strlen(name), option = 0;
    int i;

    if (!find_option(table->global, name, bytes, &option)) {
        abort();
    }
    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0 ||
            strncmp(word + 2, name, bytes) != 0) {
            continue;
        }
        word += 2 + bytes;
        if (*word == '=') {
            found = word + 1;
        } else if (*word == '\0') {
            found = table->global[option].kind == CC_OPTION_FLAG ? ""
                    : i + 1 < argc                               ? argv[i + 1]
                                                                 : found;
        }
    }
    return found;
}

bool cc_args_is_assignment(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    size_t n = strspn(word, letters);

    if (n == 0 || (word[0] < 'a' || word[0] > 'z')) {
        return false;
    }
    if ((word[n] == '+' || word[n] == '-') && word[n + 1] == '=') {
        return true;
    }
    return word[n] == '=';
}
