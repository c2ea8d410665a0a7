#include "ctl/help.h"

#include <string.h>

#include "book/width.h"
#include "ops/say.h"

#define TERM_COLUMNS 32u

static const struct {
    int exit;
    const char *meaning;
} exits[] = {
    { 0, SV_SAY("done") },
    { 1, SV_SAY("refused; the message says why") },
    { 64, SV_SAY("the command line or a setting is wrong") },
    { 69, SV_SAY("no server is running there") },
    { 70, SV_SAY("internal error, or no memory") },
    { 74, SV_SAY("the disk is full, fails or is damaged") },
};

static void put_pair(FILE *out, const char *term, const char *meaning)
{
    size_t width = cc_width_text(term) + 2;

    fprintf(out, "  %s", term);
    if (width + 2 > TERM_COLUMNS) {
        fputc('\n', out);
        width = 0;
    }
    fprintf(out, "%*s%s\n", (int)(TERM_COLUMNS - width), "", meaning);
}

static void put_options(FILE *out, const struct sv_table_option *o)
{
    char term[96], meaning[400];

    for (; o->name[0] != '\0'; o++) {
        snprintf(term, sizeof term, "--%s%s%s", o->name,
            o->value == NULL ? "" : " ", o->value == NULL ? "" : o->value);
        snprintf(meaning, sizeof meaning, "%s%s", sv_say(o->help),
            o->required ? sv_say(" (needed)") : "");
        put_pair(out, term, meaning);
    }
}

static void put_heading(FILE *out, const char *english)
{
    fprintf(out, "\n%s\n", sv_say(english));
}

void sv_help_all(FILE *out)
{
    char term[96];

    fprintf(out, "satchelctl - %s\n\n%s\n",
        sv_say("sets up a Satchel server and looks inside it"),
        sv_say("satchelctl COMMAND [OPTION]..."));
    put_heading(out, SV_SAY("Commands"));
    for (size_t i = 0; sv_table_at(i) != NULL; i++) {
        const struct sv_table_command *c = sv_table_at(i);

        snprintf(term, sizeof term, "%s %s", c->name, c->arguments);
        put_pair(out, term, sv_say(c->help));
    }
    put_heading(out, SV_SAY("Everywhere"));
    put_options(out, sv_table_everywhere);
    put_heading(out, SV_SAY("Exit status"));
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        snprintf(term, sizeof term, "%d", exits[i].exit);
        put_pair(out, term, sv_say(exits[i].meaning));
    }
}

void sv_help_one(FILE *out, const struct sv_table_command *c)
{
    fprintf(out, "satchelctl %s %s\n\n%s%s\n", c->name, c->arguments,
        sv_say(c->help), c->local ? "" : sv_say(" (asks the running server)"));
    if (c->options[0].name[0] != '\0') {
        put_heading(out, SV_SAY("Options"));
        put_options(out, c->options);
    }
    put_heading(out, SV_SAY("Everywhere"));
    put_options(out, sv_table_everywhere);
}

/* ---- as data ------------------------------------------------------------ */

static json_t *options_json(const struct sv_table_option *o)
{
    json_t *all = json_array();

    for (; o->name[0] != '\0'; o++) {
        (void)json_array_append_new(all,
            json_pack("{s:s, s:s, s:s}", "name", o->name, "value",
                o->value == NULL ? "" : o->value, "help", sv_say(o->help)));
    }
    return all;
}

/* "LOGIN [NAME]...": one object a word. */
static json_t *operands_json(const char *at)
{
    json_t *all = json_array();

    while (*at != '\0') {
        size_t size = strcspn(at, " ");
        bool optional = *at == '[';
        bool many = size > 3 && memcmp(at + size - 3, "...", 3) == 0;
        size_t name = size - (many ? 3u : 0u) - (optional ? 2u : 0u);

        (void)json_array_append_new(
            all, json_pack("{s:s%, s:b, s:b, s:s}", "name", at + optional, name,
                     "optional", optional, "many", many, "help", ""));
        at += size;
        at += strspn(at, " ");
    }
    return all;
}

static json_t *command_json(const struct sv_table_command *c)
{
    size_t size = strcspn(c->name, " ");

    return json_pack("{s:s%, s:s, s:s, s:o, s:o}", "group", c->name, size,
        "name", c->name[size] == '\0' ? "" : c->name + size + 1, "summary",
        sv_say(c->help), "operands", operands_json(c->arguments), "options",
        options_json(c->options));
}

json_t *sv_help_json(const struct sv_table_command *only)
{
    json_t *commands = json_array(), *status = json_array();

    for (size_t i = 0; sv_table_at(i) != NULL; i++) {
        if (only == NULL || only == sv_table_at(i)) {
            (void)json_array_append_new(commands, command_json(sv_table_at(i)));
        }
    }
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        (void)json_array_append_new(
            status, json_pack("{s:i, s:s}", "exit", exits[i].exit, "meaning",
                        sv_say(exits[i].meaning)));
    }
    return json_pack(
        "{s:s, s:s, s:[s], s:o, s:o, s:[{s:s, s:s}, {s:s, s:s}], s:o}",
        "program", "satchelctl", "summary",
        sv_say("sets up a Satchel server and looks inside it"), "synopsis",
        sv_say("satchelctl COMMAND [OPTION]..."), "commands", commands,
        "options", options_json(sv_table_everywhere), "environment", "name",
        "SATCHEL_DIR", "meaning",
        sv_say("directory of the server, when --dir is not given"), "name",
        "SATCHEL_COUNTRY", "meaning",
        sv_say("country of ISO 3166-1 as whose telephones are shown (CN)"),
        "exits", status);
}
