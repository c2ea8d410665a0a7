#include "ctl/table.h"
#include "ops/say.h"
#include "say/nearest.h"

#include <ctype.h>
#include <string.h>

typedef const struct sv_table_option options;

#define END                                                                    \
    {                                                                          \
        "", NULL, NULL, false                                                  \
    }

// clang-format off
const struct sv_table_option sv_table_everywhere[] = {
    { "dir", "DIR", "directory of the server (SATCHEL_DIR, else /var/lib/satchel)", false },
    { "control", "PATH", "socket of the running server (DIR/control)", false },
    { "json", NULL, "the result as one JSON object", false },
    { "lang", "zh|en", "language; default from the environment", false },
    { "help", NULL, "this help; behind a command: what it takes", false },
    { "version", NULL, "print the version", false },
    END };
static options none[] = { END };
static options init_options[] = {
    { "organisation", "NAME", "name of the organisation, for people", false },
    { "admin", "LOGIN", "first user, administrator of everything (admin)", false },
    { "admin-name", "NAME", "that person's name", false },
    { "admin-role", "ROLE,...", "that person's roles (all that administer or import)", false },
    { "root-key", "FILE", "where to put the root key (DIR.root); keep it elsewhere", false },
    { "key-file", "FILE", "where to put the key of the store (DIR.key)", false },
    { "dictionary", "FILE", "dictionary.conf instead of the one that comes along", false },
    { "policy", "FILE", "policy.conf instead of the one that comes along", false },
    { "listen", "ENDPOINT", "written into DIR/satcheld.conf", false },
    END };
static options join_options[] = {
    { "code", "TEXT", "the enrolment code, unless it is the argument", false },
    { "listen", "ENDPOINT", "where this branch will be reached; goes into DIR/satcheld.conf", false },
    { "label", "TEXT", "name of this machine, for people", false },
    { "key-file", "FILE", "where to put the key of the store (DIR.key)", false },
    END };
static options branch_add_options[] = {
    { "territories", "CODE,...", "territories that it serves; new ones are made", false },
    { "region", "NAME", "region of the new territories", false },
    { "term-days", "DAYS", "serving term (14)", false },
    END };
static options branch_code_options[] = {
    { "endpoint", "ENDPOINT", "where the branch reaches this server", false },
    { "minutes", "N", "life of the code (15)", false },
    END };
static options evening_options[] = {
    { "as", "LOGIN", "who asks: manages devices", true },
    { "date", "YYYY-MM-DD", "another day than today", false },
    END };
static options duties_options[] = {
    { "as", "LOGIN", "who asks: manages devices", true },
    { "date", "YYYY-MM-DD", "late ones from this day on, not as long as their rule says", false },
    END };
static options reconciliations_options[] = {
    { "as", "LOGIN", "who asks: manages devices", true },
    END };
static options territory_options[] = {
    { "unit", "CODE", "the branch that serves it; empty: head office", false },
    { "name", "TEXT", "name for people", false },
    { "region", "NAME", "its region", false },
    END };
static options territory_move_options[] = {
    { "to", "CODE", "the branch that serves it from now on; \"\" for head office", true },
    { "dry-run", NULL, "show who gains and loses what, change nothing", false },
    END };
static options territory_give_options[] = {
    { "to", "LOGIN", "who has it from now on", true },
    { "from", "LOGIN", "who gives it up; else everybody who has it", false },
    { "dry-run", NULL, "show who gains and loses what, change nothing", false },
    END };
static options user_share_options[] = {
    { "territory", "CODE", "which territory", true },
    { "until", "YYYY-MM-DD", "last day, UTC; without: until it is taken back", false },
    { "end", NULL, "takes the share back now", false },
    { "dry-run", NULL, "show what the person gains or loses, change nothing", false },
    END };
static options preview_options[] = {
    { "dry-run", NULL, "show who gains and loses what, change nothing", false },
    END };
static options policy_export_options[] = {
    { "out", "FILE", "write there, not to standard output", false },
    { "signed", NULL, "the signed document as one line, to be carried by hand", false },
    END };
static options user_add_options[] = {
    { "name", "TEXT", "name of the person", false },
    { "role", "ROLE,...", "roles; `role list` shows them", true },
    { "unit", "CODE", "branch where the person works; empty: head office", false },
    { "territories", "CODE,...", "territories of the person", false },
    END };
static options user_set_options[] = {
    { "name", "TEXT", "another name", false },
    { "role", "ROLE,...", "these roles instead", false },
    { "unit", "CODE", "moves the person to another unit", false },
    { "territories", "CODE,...", "these territories instead; \"\" for none", false },
    { "extra", "KIND:CODE,...", "further reach: territory:, unit:, region:", false },
    { "dry-run", NULL, "show who gains and loses what, change nothing", false },
    END };
static options handover_options[] = {
    { "to", "LOGIN[=CODE,...] ...", "a successor: takes these territories; without, the rest in turn", false },
    { "file", "FILE", "lines ACCOUNT,LOGIN: who takes which account", false },
    { "brief", "TEXT", "what every successor is to know; what there is to know of each account comes by itself", false },
    { "as", "LOGIN", "under whose name", true },
    { "dry-run", NULL, "show where every account would go, change nothing", false },
    END };
static options device_enrol_options[] = {
    { "user", "LOGIN", "whose device", true },
    { "endpoint", "ENDPOINT", "where the device reaches this server", false },
    { "minutes", "N", "life of the code (15)", false },
    END };
static options device_revoke_options[] = {
    { "lost", NULL, "lost or stolen, not just out of use", false },
    END };
static options daily_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    { "date", "YYYY-MM-DD", "another day than today", false },
    END };
static options feedback_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    { "route", "WHERE", "only what goes there: branch, region or head_office", false },
    { "all", NULL, "what was answered too", false },
    END };
static options care_options[] = {
    { "as", "LOGIN", "who says so: writes care rules", true },
    END };
static options quality_scan_options[] = {
    { "as", "LOGIN", "who says so: runs jobs", true },
    { "dry-run", NULL, "count what would be made and closed, change nothing", false },
    END };
static options retention_check_options[] = {
    { "as", "LOGIN", "who asks: runs jobs", true },
    END };
static options retention_order_options[] = {
    { "as", "LOGIN", "who orders it: runs jobs", true },
    { "why", "TEXT", "what for; whoever reads the order reads it", false },
    END };
static options retention_run_options[] = {
    { "as", "LOGIN", "who runs it: another person who runs jobs", true },
    { "dry-run", NULL, "list what would go, change nothing", false },
    END };
static options quality_board_options[] = {
    { "as", "LOGIN", "who asks: manages devices, of his branch, or jobs", true },
    END };
static options targets_options[] = {
    { "as", "LOGIN", "who asks: manages devices, of his branch, or jobs", true },
    END };
static options report_options[] = {
    { "as", "LOGIN", "who asks: the figures are of what this person may see", false },
    { "from", "YYYY-MM-DD", "first day; each report has its own", false },
    { "until", "YYYY-MM-DD", "last day; without: today", false },
    { "currency", "CODE", "of sums; without: the commonest", false },
    { "margin", "PERCENT", "of ltv: gross margin, for a forecast", false },
    { "days", "N", "of campaigns: a purchase counts so long (30)", false },
    END };
static options import_options[] = {
    { "as", "LOGIN", "under whose name", true },
    { "map", "COLUMN=FIELD,...", "columns whose names are not fields, or a file of such lines; contact.FIELD makes a contact", false },
    { "ignore", "COLUMN,...", "columns to leave out", false },
    { "key", "FIELD", "a row changes the record that has this value, as number; without it the one with its id", false },
    { "null", "WORD", "word that stands for no value", false },
    { "currency", "CODE", "currency of amounts that name none, as CNY", false },
    { "encoding", "NAME", "utf-8, utf-16le, utf-16be or gb18030 (found out)", false },
    { "account", "REF", "import vcard: the customer of all cards, by number, id or name (that of their ORG)", false },
    { "consent", "CHANNEL", "import vcard: how their people agreed that birthdays are kept", false },
    { "dry-run", NULL, "count what would be created, updated, duplicate or refused; change nothing", false },
    { "again", NULL, "take in a file that was taken in before", false },
    { "keep-duplicates", NULL, "also rows that are equal to an earlier one", false },
    { "errors", "FILE", "list of rows that were left out (FILE.errors.csv)", false },
    { "phones", "FILE", "list of rows whose telephone number was kept as typed", false },
    { "similar", "FILE", "list of new customers and contacts who may be here already", false },
    END };
static options export_options[] = {
    { "as", "LOGIN", "under whose name: what this person may see", true },
    { "out", "FILE", "a new file; - for standard output", true },
    { "all", NULL, "everything that may leave, to move to another server; who runs jobs", false },
    { "labels", "zh|en", "labels of fields and options instead of names", false },
    { "no-bom", NULL, "csv without the mark that spreadsheets look for", false },
    { "force", NULL, "takes the place of a file that is there", false },
    { "alarm", "MINUTES", "ical: rings so long before what is his (30; 0: never)", false },
    { "with-p3", NULL, "sensitive fields too; only with --approval", false },
    { "approval", "ID", "the request that a second person approved", false },
    END };
static options request_options[] = {
    { "as", "LOGIN", "who asks", true },
    { "why", "TEXT", "what it is for", true },
    { "all", NULL, "everything, as export --all", false },
    { "with-p3", NULL, "sensitive fields too", false },
    END };
static options approve_options[] = {
    { "as", "LOGIN", "the second person: a role that approves exports", true },
    { "refuse", NULL, "no instead of yes; also takes back a yes that no export has used", false },
    { "reason", "TEXT", "why; who asked reads it. A no needs one", false },
    END };
static options withdraw_options[] = {
    { "as", "LOGIN", "who asked", true },
    END };
static options hash_options[] = {
    { "entity", "ENTITY", "only of these records", false },
    { "list", NULL, "of each record", false },
    END };
static options account_list_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    { "limit", "N", "at most so many (100)", false },
    END };
static options show_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    END };
static options history_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    { "limit", "N", "the latest so many (1000)", false },
    END };
static options account_share_options[] = {
    { "until", "YYYY-MM-DD", "last day, UTC", false },
    { "end", NULL, "takes the share back now", false },
    { "as", "LOGIN", "under whose name", true },
    END };
static options account_shares_options[] = {
    { "as", "LOGIN", "under whose name", true },
    END };
static options assign_options[] = {
    { "as", "LOGIN", "under whose name", true },
    { "file", "FILE", "more accounts, one a line: id or number", false },
    { "from-territory", "CODE", "all accounts of this territory", false },
    { "from-owner", "LOGIN", "all accounts of this person", false },
    { "territory", "CODE", "they go to this territory", false },
    { "owner", "LOGIN", "they go to this person", false },
    { "dry-run", NULL, "show what would change, change nothing", false },
    END };
static options conflicts_options[] = {
    { "as", "LOGIN", "who looks: shows what this person may see", true },
    { "limit", "N", "at most so many (100)", false },
    END };
static options waiting_list_options[] = {
    { "as", "LOGIN", "who asks: manages devices", true },
    { "limit", "N", "at most so many (100)", false },
    END };
static options waiting_options[] = {
    { "as", "LOGIN", "who decides: manages devices, of the author's unit or all", true },
    END };
static options audit_options[] = {
    { "as", "LOGIN", "who asks: manages policy", true },
    { "limit", "N", "at most so many (100)", false },
    END };
static options log_options[] = {
    { "replica", "HEX", "commits of one replica; else the latest of each", false },
    { "from", "N", "from this number on", false },
    { "limit", "N", "at most so many (50)", false },
    END };
static options explain_options[] = {
    { "user", "LOGIN", "who sees it, or does not", true },
    END };
static options sample_options[] = {
    { "seed", "N", "another seed gives other shops (1)", false },
    { "count", "N", "how many (100)", false },
    { "territories", "CODE,...", "spread over these (north,south)", false },
    END };
static options unit_export_options[] = {
    { "out", "FILE", "write there, not to standard output", false },
    END };

static options apply_options[] = {
    { "dry-run", NULL, "shows what would change, and changes nothing", false },
    END };

static const struct sv_table_command commands[] = {
    { "init", "", "makes head office: keys, store, default dictionary and policy", init_options, true },
    { "status", "", "who this server is and how it does", none, false },
    { "show", "", "what this server holds, counted", none, false },
    { "branch add", "CODE [NAME]", "a new branch", branch_add_options, false },
    { "branch code", "CODE", "an enrolment code for the branch's server", branch_code_options, false },
    { "branch arrivals", "", "which devices have come in on a day, and which have not", evening_options, false },
    { "branch close", "", "a day's figures as of now, and who has not come in", evening_options, false },
    { "branch deadlines", "", "what broke a deadline rule at this branch, or is about to", duties_options, false },
    { "branch inbox", "", "what waits at this branch: how much, how long, who is to act", evening_options, false },
    { "branch reconciliations", "", "lists that were held against the records, and what came of them", reconciliations_options, false },
    { "branch join", "[CODE]", "on the branch's machine: makes its server under that code", join_options, true },
    { "territory add", "CODE", "a new territory", territory_options, false },
    { "territory move", "CODE", "a territory to another branch", territory_move_options, false },
    { "territory give", "CODE", "a territory to another person", territory_give_options, false },
    { "territory list", "", "all territories and who serves them", none, false },
    { "freshness", "", "which branches have come in, and what of their devices is missing", none, false },
    { "targets", "", "the tree of goals, summed from the reps up, and how fresh each figure is", targets_options, false },
    { "unit list", "", "head office and branches", none, false },
    { "user add", "LOGIN", "a new person", user_add_options, false },
    { "user list", "", "all people", none, false },
    { "user set", "LOGIN", "changes a person", user_set_options, false },
    { "user share", "LOGIN", "a territory of others for a person, up to a day", user_share_options, false },
    { "user revoke", "LOGIN", "the person has left: all devices are refused", none, false },
    { "handover", "LOGIN", "the person has left: all accounts go to successors, all devices are refused", handover_options, false },
    { "role list", "", "the roles of the policy", none, false },
    { "device enrol", "", "an enrolment code for a person's device", device_enrol_options, false },
    { "device list", "", "all devices and servers", none, false },
    { "device revoke", "NUMBER", "this device is refused from now on", device_revoke_options, false },
    { "export", "FORMAT [ENTITY]", "records into a file: csv, jsonl, sqlite, vcard, vcard4, geojson, ical", export_options, false },
    { "exports", "", "who took out what, how much, and alerts", show_options, false },
    { "exports approve", "ID", "the second person's word for an export that needs one", approve_options, false },
    { "exports withdraw", "ID", "takes one's own request back", withdraw_options, false },
    { "exports request", "FORMAT [ENTITY]", "asks for an export that leaves only with a second person", request_options, false },
    { "hash", "", "one hash of all that a file may carry: equal on servers with equal records", hash_options, false },
    { "import", "ENTITY FILE", "takes in accounts or other records from a CSV file, contacts of a vcard file, or all of a jsonl export", import_options, false },
    { "import list", "", "files that were taken in: who, what, how much", none, false },
    { "account list", "", "customers by name", account_list_options, false },
    { "account show", "ACCOUNT", "one customer, with visits and notes", show_options, false },
    { "account history", "ACCOUNT", "all that was written to it, also what is no longer shown", history_options, false },
    { "account assign", "[ACCOUNTS]", "other owner or territory for ID,ID,... and all that belongs to them", assign_options, false },
    { "account share", "ACCOUNT LOGIN", "shares one customer and all that belongs to it with a person, up to a day", account_share_options, false },
    { "account shares", "ACCOUNT", "with whom it is shared, up to when", account_shares_options, false },
    { "conflicts", "", "fields with several values that wait for a decision", conflicts_options, false },
    { "waiting list", "", "commits that nobody has judged, and why", waiting_list_options, false },
    { "waiting release", "REPLICA NUMBER", "lets one out of quarantine, to its judge", waiting_options, false },
    { "waiting refuse", "REPLICA NUMBER", "refuses one; what was typed is in its author's tray", waiting_options, false },
    { "audit policy", "", "accepted commits that the policy in force would refuse", audit_options, false },
    { "log show", "", "commits, newest last, and their verdicts", log_options, false },
    { "explain", "RECORD", "why a person sees a record, or does not", explain_options, false },
    { "uplink now", "", "exchanges with head office now, and reports", none, false },
    { "uplink status", "", "the last exchange and the next", none, false },
    { "session list", "", "who is connected", none, false },
    { "documents list", "", "signed documents in force", none, false },
    { "dictionary export", "", "dictionary.conf of the dictionary in force", unit_export_options, false },
    { "dictionary check", "FILE", "whether a dictionary.conf can be put in force", none, false },
    { "dictionary diff", "FILE", "what a dictionary.conf would change", none, false },
    { "dictionary apply", "FILE", "signs a dictionary.conf and puts it in force", apply_options, false },
    { "policy export", "", "policy.conf of the policy in force", policy_export_options, false },
    { "policy check", "FILE", "whether a policy.conf can be put in force", none, false },
    { "policy apply", "FILE", "signs a policy.conf, or takes a signed policy, and puts it in force", preview_options, false },
    { "care check", "FILE", "whether a text with care rules can be put in force", none, false },
    { "care apply", "FILE", "puts care rules, templates and windows of a text in force", care_options, false },
    { "care daily", "", "who bought on a day: paid, to invite; unpaid, to remind", daily_options, false },
    { "feedback list", "", "what customers said and nobody answered, by who is to", feedback_options, false },
    { "quality scan", "", "makes a task of each thing that is wrong with what is known of customers", quality_scan_options, false },
    { "quality board", "", "how well each person and branch keeps it", quality_board_options, false },
    { "report", "[NAME]", "figures on customers, sales, visits, care and the market; without a name, lists them", report_options, false },
    { "retention check", "", "customers that are past the time for which they are kept", retention_check_options, false },
    { "retention order", "", "orders that they be erased; another person runs the order", retention_order_options, false },
    { "retention orders", "", "the orders, who gave them, who ran them", retention_check_options, false },
    { "retention run", "ORDER", "erases them and all that belongs to them, here and on every device", retention_run_options, false },
    { "config show", "", "the settings of the running server", none, false },
    { "metrics", "", "counters as Prometheus text", none, false },
    { "describe", "FILE", "any message, commit, record or document as text", none, true },
    { "sample accounts", "", "invented shops as CSV, to try things out", sample_options, true },
};
// clang-format on

const struct sv_table_command *sv_table_at(size_t i)
{
    return i < sizeof commands / sizeof commands[0] ? &commands[i] : NULL;
}

const struct sv_table_command *sv_table_find(const char *name)
{
    for (size_t i = 0; sv_table_at(i) != NULL; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* The command whose words stand first; used says how many they are. */
static const struct sv_table_command *match(
    int count, char *const *words, int *used)
{
    char two[64];
    if (count >= 2) {
        snprintf(two, sizeof two, "%.30s %.30s", words[0], words[1]);
        const struct sv_table_command *c = sv_table_find(two);
        if (c != NULL) {
            *used = 2;
            return c;
        }
    }
    *used = 1;
    return sv_table_find(words[0]);
}

/* The command that a mistyped one may be: by its words, or its first one. */
static const char *near_command(int count, char *const *words)
{
    char two[CC_NEAREST_BYTES_MAX + 1], group[CC_NEAREST_BYTES_MAX + 1];
    struct cc_nearest near, first;

    snprintf(two, sizeof two, "%s%s%s", words[0], count > 1 ? " " : "",
        count > 1 ? words[1] : "");
    cc_nearest_init(&near, two);
    cc_nearest_init(&first, words[0]);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        cc_nearest_offer(&near, commands[i].name);
    }
    for (size_t i = 0; near.best == NULL && first.best == NULL &&
                       i < sizeof commands / sizeof commands[0];
         i++) {
        snprintf(group, sizeof group, "%.*s",
            (int)strcspn(commands[i].name, " "), commands[i].name);
        cc_nearest_offer(&first, group);
        if (first.best != NULL) {
            return commands[i].name;
        }
    }
    return near.best;
}

static sp_err no_command(int count, char *const *words, char *error)
{
    char known[SV_TABLE_ERROR_BYTES - 160] = "";
    const char *near = near_command(count, words);
    for (size_t i = 0; sv_table_at(i) != NULL; i++) {
        size_t size = strlen(words[0]);
        const char *name = commands[i].name;
        if (strncmp(name, words[0], size) == 0 && name[size] == ' ') {
            size_t at = strlen(known);
            snprintf(known + at, sizeof known - at, "%s%s", at == 0 ? "" : ", ",
                name);
        }
    }
    if (known[0] == '\0' && near != NULL) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say(
                "there is no command \"%.40s%s%.40s\"; did you mean \"%s\"?"),
            words[0], count > 1 ? " " : "", count > 1 ? words[1] : "", near);
        return SP_E_ARGUMENT;
    }
    snprintf(error, SV_TABLE_ERROR_BYTES,
        sv_say("there is no command \"%.40s%s%.40s\"; %s%s"), words[0],
        count > 1 ? " " : "", count > 1 ? words[1] : "",
        known[0] == '\0' ? sv_say("satchelctl --help lists them all")
                         : sv_say("there are "),
        known);
    return SP_E_ARGUMENT;
}

static const struct sv_table_option *find_option(
    const struct sv_table_command *c, const char *name, size_t size)
{
    for (const struct sv_table_option *o = c->options; o->name[0] != '\0';
         o++) {
        if (strlen(o->name) == size && strncmp(o->name, name, size) == 0) {
            return o;
        }
    }
    return NULL;
}

static bool set_text(json_t *args, const char *key, const char *text)
{
    return json_object_set_new(args, key, json_string(text)) == 0;
}

/* An option whose word for the value ends in " ..." may be given several
 * times: its values then stand in lines. */
static bool put_value(
    const struct sv_table_option *o, json_t *args, const char *value)
{
    size_t size = strlen(o->value);
    const char *before = json_string_value(json_object_get(args, o->name));
    if (before == NULL || size < 4 ||
        strcmp(o->value + size - 4, " ...") != 0) {
        return set_text(args, o->name, value);
    }
    json_t *both = json_sprintf("%s\n%s", before, value);
    return both != NULL && json_object_set_new(args, o->name, both) == 0;
}

static void no_option(const struct sv_table_command *c, size_t size,
    const char *name, char *error)
{
    char typed[CC_NEAREST_BYTES_MAX + 1];
    struct cc_nearest near;

    snprintf(typed, sizeof typed, "%.*s", (int)(size > 40 ? 40 : size), name);
    cc_nearest_init(&near, typed);
    for (const struct sv_table_option *o = c->options; o->name[0] != '\0';
         o++) {
        cc_nearest_offer(&near, o->name);
    }
    for (size_t i = 0; sv_table_everywhere[i].name[0] != '\0'; i++) {
        cc_nearest_offer(&near, sv_table_everywhere[i].name);
    }
    if (near.best != NULL) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say("%s has no option --%s; did you mean --%s? See satchelctl "
                   "%s --help"),
            c->name, typed, near.best, c->name);
        return;
    }
    snprintf(error, SV_TABLE_ERROR_BYTES,
        sv_say("%s has no option --%.*s; see satchelctl %s --help"), c->name,
        (int)(size > 40 ? 40 : size), name, c->name);
}

/* Takes one option; *i moves over a value of its own. */
static sp_err take_option(const struct sv_table_command *c, int count,
    char *const *words, int *i, json_t *args, char *error)
{
    const char *name = words[*i] + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const struct sv_table_option *o = find_option(c, name, size);
    if (o == NULL) {
        no_option(c, size, name, error);
        return SP_E_ARGUMENT;
    }
    if (o->value == NULL) {
        return json_object_set_new(args, o->name, json_true()) == 0
                   ? SP_OK
                   : SP_E_NOMEM;
    }
    const char *value = equals != NULL   ? equals + 1
                        : *i + 1 < count ? words[++*i]
                                         : NULL;
    if (value == NULL || !put_value(o, args, value)) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say("--%s needs a value (%s), as UTF-8 text"), o->name,
            o->value);
        return SP_E_ARGUMENT;
    }
    return SP_OK;
}

/* The n-th word of "LOGIN [NAME]", in lower case; optional says if in []. */
static bool argument_name(
    const char *arguments, unsigned n, char out[32], bool *optional)
{
    const char *at = arguments;
    for (; n > 0 && *at != '\0'; n--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    size_t size = strcspn(at, " "), kept = 0;
    *optional = size > 0 && at[0] == '[';
    for (size_t i = 0; i < size && kept + 1 < 32; i++) {
        if (at[i] != '[' && at[i] != ']') {
            out[kept++] = (char)tolower((unsigned char)at[i]);
        }
    }
    out[kept] = '\0';
    return kept > 0;
}

static sp_err check_complete(const struct sv_table_command *c, unsigned given,
    const json_t *args, char *error)
{
    char name[32];
    bool optional;
    if (argument_name(c->arguments, given, name, &optional) && !optional) {
        snprintf(error, SV_TABLE_ERROR_BYTES,
            sv_say("%s needs %s; see satchelctl %s --help"), c->name,
            c->arguments, c->name);
        return SP_E_ARGUMENT;
    }
    for (const struct sv_table_option *o = c->options; o->name[0] != '\0';
         o++) {
        if (o->required && json_object_get(args, o->name) == NULL) {
            snprintf(error, SV_TABLE_ERROR_BYTES,
                sv_say("%s needs --%s %s (%s)"), c->name, o->name, o->value,
                sv_say(o->help));
            return SP_E_ARGUMENT;
        }
    }
    return SP_OK;
}

static sp_err take_words(const struct sv_table_command *c, int count,
    char *const *words, json_t *args, char *error)
{
    char name[32];
    bool optional;
    unsigned given = 0;
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], "--", 2) == 0 && words[i][2] != '\0') {
            sp_err err = take_option(c, count, words, &i, args, error);
            if (err != SP_OK) {
                return err;
            }
        } else if (!argument_name(c->arguments, given, name, &optional)) {
            snprintf(error, SV_TABLE_ERROR_BYTES,
                sv_say("%s does not take \"%.60s\"; see satchelctl %s --help"),
                c->name, words[i], c->name);
            return SP_E_ARGUMENT;
        } else if (!set_text(args, name, words[i])) {
            snprintf(error, SV_TABLE_ERROR_BYTES,
                sv_say("%s is not UTF-8 text"), name);
            return SP_E_ARGUMENT;
        } else {
            given++;
        }
    }
    return check_complete(c, given, args, error);
}

sp_err sv_table_parse(int count, char *const *words,
    const struct sv_table_command **out, json_t **args,
    char error[SV_TABLE_ERROR_BYTES])
{
    int used = 0;
    error[0] = '\0';
    const struct sv_table_command *c = match(count, words, &used);
    if (c == NULL) {
        return no_command(count, words, error);
    }
    json_t *object = json_object();
    if (object == NULL) {
        return SP_E_NOMEM;
    }
    sp_err err = take_words(c, count - used, words + used, object, error);
    if (err != SP_OK) {
        json_decref(object);
        return err;
    }
    *out = c;
    *args = object;
    return SP_OK;
}
