#include "config/config.h"
#include "ops/say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX 65536u
#define KEY_BYTES_MAX  64u

enum type { TEXT, NUMBER, ENDPOINT, WINDOW, LEVEL };

struct setting {
    const char *key;
    enum type type;
    const char *fallback;
    int64_t min, max; /* of a number; of a text's length */
    const char *unit;
    bool live;
    size_t offset;
    const char *help;
};

#define AT(member) offsetof(struct sv_config, member)

// clang-format off
static const struct setting settings[] = {
    { "dir", TEXT, "/var/lib/satchel", 1, 200, SV_SAY("path"), false, AT(dir),
      "directory of this server: its store, control socket and settings" },
    { "key_file", TEXT, "", 0, 255, SV_SAY("path"), false, AT(key_file),
      "key of the store, mode 0600, kept outside it; empty: DIR.key" },
    { "listen", ENDPOINT, "tcp://127.0.0.1:7600", 1, 127, SV_SAY("endpoint"), false, AT(listen),
      "where devices and branches connect" },
    { "advertise", ENDPOINT, "", 0, 127, SV_SAY("endpoint"), true, AT(advertise),
      "what enrolment codes tell devices to connect to; empty: as listen" },
    { "control", TEXT, "", 0, 255, SV_SAY("path"), false, AT(control),
      "local socket of satchelctl, mode 0600; empty: DIR/control" },
    { "log_level", LEVEL, "info", 1, 8, "error|warn|info|debug", true, AT(log_level),
      "how much is logged to standard error" },
    { "contexts", NUMBER, "64", 1, 1024, SV_SAY("requests"), false, AT(contexts),
      "requests that are worked on at the same time" },
    { "sessions_max", NUMBER, "8192", 1, 100000, SV_SAY("sessions"), true, AT(sessions_max),
      "open sessions; the one idle longest goes when one more comes" },
    { "half_open_max", NUMBER, "256", 1, 65536, SV_SAY("sessions"), true, AT(half_open_max),
      "handshakes that wait for their first record; the oldest goes" },
    { "half_open_ms", NUMBER, "5000", 100, 60000, SV_SAY("ms"), true, AT(half_open_ms),
      "how long a handshake may wait for its first record" },
    { "pipes_per_address", NUMBER, "32", 1, 65536, SV_SAY("connections"), true, AT(pipes_per_address),
      "connections from one address; raise it for offices behind one NAT" },
    { "handshakes_per_s", NUMBER, "100", 1, 100000, "1/s", true, AT(handshakes_per_s),
      "handshakes from one address; twice as many in a burst" },
    { "unauthenticated_s", NUMBER, "10", 1, 3600, SV_SAY("s"), true, AT(unauthenticated_s),
      "connections without a session are closed after this time" },
    { "idle_s", NUMBER, "300", 1, 86400, SV_SAY("s"), true, AT(idle_s),
      "connections and sessions that say nothing are closed after this time" },
    { "queue_max", NUMBER, "1024", 1, 65536, SV_SAY("requests"), true, AT(queue_max),
      "writes that may wait; one more is told to come again later" },
    { "group_delay_ms", NUMBER, "0", 0, 1000, SV_SAY("ms"), true, AT(group_delay_ms),
      "wait so long for more writes before one commit; 0: take what is there" },
    { "group_kib", NUMBER, "2048", 1, 65536, "KiB", true, AT(group_kib),
      "requests of this size together go into one commit" },
    { "map_mib", NUMBER, "1024", 16, 1048576, "MiB", false, AT(map_mib),
      "first size of the store's map; it grows by itself" },
    { "uplink", ENDPOINT, "", 0, 127, SV_SAY("endpoint"), true, AT(uplink),
      "branch: head office; empty: as written in the enrolment code" },
    { "uplink_window", WINDOW, "01:00-05:00", 11, 11, "HH:MM-HH:MM", true, AT(uplink_window),
      "branch: local time in which the nightly exchange starts" },
    { "uplink_jitter_s", NUMBER, "3600", 0, 43200, SV_SAY("s"), true, AT(uplink_jitter_s),
      "branch: spread of the start after the window opens" },
    { "uplink_every_s", NUMBER, "0", 0, 86400, SV_SAY("s"), true, AT(uplink_every_s),
      "branch: exchange this often also by day; 0: at night only" },
    { "uplink_rate_kib", NUMBER, "0", 0, 1048576, "KiB/s", true, AT(uplink_rate_kib),
      "branch: cap of the exchange with head office; 0: none" },
    { "uplink_retry_min_s", NUMBER, "5", 1, 3600, SV_SAY("s"), true, AT(uplink_retry_min_s),
      "branch: first pause after a failed exchange, doubled each time" },
    { "uplink_retry_max_s", NUMBER, "300", 1, 86400, SV_SAY("s"), true, AT(uplink_retry_max_s),
      "branch: longest pause between tries" },
    { "uplink_retries", NUMBER, "40", 0, 10000, SV_SAY("tries"), true, AT(uplink_retries),
      "branch: tries of one night before giving up until the next" },
    { "uplink_timeout_s", NUMBER, "30", 1, 600, SV_SAY("s"), true, AT(uplink_timeout_s),
      "branch: how long to wait for one answer of head office" },
    { "quality_scan_days", NUMBER, "7", 0, 365, SV_SAY("days"), true, AT(quality_scan_days),
      "head office: look over all customers this often and make tasks of what "
      "is wrong; 0: only when asked" },
};
// clang-format on
#define SETTINGS (sizeof settings / sizeof settings[0])

static char *text_at(struct sv_config *c, const struct setting *s)
{
    return (char *)c + s->offset;
}

static int64_t *number_at(struct sv_config *c, const struct setting *s)
{
    return (int64_t *)(void *)((char *)c + s->offset);
}

static const struct setting *find(const char *key)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        if (strcmp(settings[i].key, key) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

/* Levenshtein distance of two short words, one row at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[KEY_BYTES_MAX + 1];
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > KEY_BYTES_MAX || b_size > KEY_BYTES_MAX) {
        return KEY_BYTES_MAX;
    }
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
            corner = row[j];
            if (row[j] + 1 < best) {
                best = row[j] + 1;
            }
            if (row[j - 1] + 1 < best) {
                best = row[j - 1] + 1;
            }
            row[j] = best;
        }
    }
    return row[b_size];
}

static const char *nearest(const char *key)
{
    const char *best = settings[0].key;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < SETTINGS; i++) {
        size_t d = distance(key, settings[i].key);
        if (d < best_distance) {
            best_distance = d;
            best = settings[i].key;
        }
    }
    return best;
}

bool sv_config_window(
    const char *text, unsigned *from_minute, unsigned *to_minute)
{
    static const char shape[] = "dd:dd-dd:dd";
    if (strlen(text) != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == 'd' ? !digit : text[i] != shape[i]) {
            return false;
        }
    }
    unsigned part[4];
    for (size_t i = 0; i < 4; i++) {
        part[i] = (unsigned)((text[3 * i] - '0') * 10 + text[3 * i + 1] - '0');
        if (part[i] > (i % 2 == 0 ? 23u : 59u)) {
            return false;
        }
    }
    *from_minute = part[0] * 60 + part[1];
    *to_minute = part[2] * 60 + part[3];
    return true;
}

static bool is_endpoint(const char *text)
{
    if (strncmp(text, "tcp://", 6) != 0) {
        return false;
    }
    const char *colon = strrchr(text + 6, ':');
    if (colon == NULL || colon == text + 6 || colon[1] == '\0' ||
        strlen(colon + 1) > 5) {
        return false;
    }
    return strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
           strtol(colon + 1, NULL, 10) <= 65535;
}

static bool is_level(const char *text)
{
    return strcmp(text, "error") == 0 || strcmp(text, "warn") == 0 ||
           strcmp(text, "info") == 0 || strcmp(text, "debug") == 0;
}

static sp_err refuse(struct sv_config_error *error, const char *where,
    const struct setting *s, const char *value)
{
    if (s->type == NUMBER) {
        snprintf(error->text, sizeof error->text,
            sv_say("%s: %s = %.80s: write a whole number from %" PRId64
                   " to %" PRId64 " (%s)"),
            where, s->key, value, s->min, s->max, sv_say(s->unit));
    } else if (s->type == ENDPOINT) {
        snprintf(error->text, sizeof error->text,
            sv_say("%s: %s = %.80s: write tcp://ADDRESS:PORT"), where, s->key,
            value);
    } else {
        snprintf(error->text, sizeof error->text,
            sv_say("%s: %s = %.80s: write %s (at most %" PRId64 " characters)"),
            where, s->key, value, sv_say(s->unit), s->max);
    }
    return SP_E_CONFIG;
}

static bool fits(const struct setting *s, const char *value)
{
    unsigned from, to;
    size_t size = strlen(value);
    if (size < (size_t)s->min || size > (size_t)s->max) {
        return false;
    }
    switch (s->type) {
    case ENDPOINT:
        return size == 0 || is_endpoint(value);
    case WINDOW:
        return sv_config_window(value, &from, &to);
    case LEVEL:
        return is_level(value);
    case TEXT:
    case NUMBER:
        break;
    }
    return true;
}

sp_err sv_config_set(struct sv_config *c, const char *key, const char *value,
    const char *where, struct sv_config_error *error)
{
    const struct setting *s = find(key);
    if (s == NULL) {
        snprintf(error->text, sizeof error->text,
            sv_say("%s: no setting is called \"%.64s\"; the nearest is \"%s\" "
                   "(all of "
                   "them: satcheld --help)"),
            where, key, nearest(key));
        return SP_E_CONFIG;
    }
    if (s->type != NUMBER) {
        if (!fits(s, value)) {
            return refuse(error, where, s, value);
        }
        memcpy(text_at(c, s), value, strlen(value) + 1);
        return SP_OK;
    }
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < s->min ||
        number > s->max) {
        return refuse(error, where, s, value);
    }
    *number_at(c, s) = number;
    return SP_OK;
}

void sv_config_init(struct sv_config *c)
{
    struct sv_config_error error;
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < SETTINGS; i++) {
        sp_err err = sv_config_set(
            c, settings[i].key, settings[i].fallback, "default", &error);
        SP_ASSERT(err == SP_OK);
    }
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    size_t size = strlen(text);
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t' ||
                           text[size - 1] == '\r')) {
        text[--size] = '\0';
    }
    return text;
}

static sp_err parse_line(struct sv_config *c, char *line, const char *where,
    struct sv_config_error *error)
{
    char *comment = strchr(line, '#');
    if (comment != NULL) {
        *comment = '\0';
    }
    char *key = trim(line);
    if (*key == '\0') {
        return SP_OK;
    }
    char *equals = strchr(key, '=');
    if (equals == NULL) {
        snprintf(error->text, sizeof error->text,
            sv_say("%s: \"%.64s\" has no =; write key = value"), where, key);
        return SP_E_CONFIG;
    }
    *equals = '\0';
    return sv_config_set(c, trim(key), trim(equals + 1), where, error);
}

sp_err sv_config_parse(struct sv_config *c, const char *name,
    struct sp_slice text, struct sv_config_error *error)
{
    char line[1024], where[300];
    size_t at = 0;
    for (unsigned number = 1; at < text.size; number++) {
        const uint8_t *start = text.data + at;
        const uint8_t *newline = memchr(start, '\n', text.size - at);
        size_t size =
            newline == NULL ? text.size - at : (size_t)(newline - start);
        at += size + 1;
        snprintf(where, sizeof where, "%.250s:%u", name, number);
        if (size >= sizeof line || memchr(start, '\0', size) != NULL) {
            snprintf(error->text, sizeof error->text,
                sv_say("%s: this is no line of text of at most %zu bytes"),
                where, sizeof line - 1);
            return SP_E_CONFIG;
        }
        memcpy(line, start, size);
        line[size] = '\0';
        sp_err err = parse_line(c, line, where, error);
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}

sp_err sv_config_load(
    struct sv_config *c, const char *path, struct sv_config_error *error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        snprintf(error->text, sizeof error->text, "%s: %s", path,
            cc_say_errno(errno));
        return errno == ENOENT ? SP_E_NOT_FOUND : SP_E_IO;
    }
    sp_err err = SP_E_NOMEM;
    uint8_t *text = malloc(FILE_BYTES_MAX + 1);
    if (text != NULL) {
        size_t size = fread(text, 1, FILE_BYTES_MAX + 1, file);
        if (ferror(file) != 0) {
            snprintf(error->text, sizeof error->text, "%s: %s", path,
                cc_say_errno(errno));
            err = SP_E_IO;
        } else if (size > FILE_BYTES_MAX) {
            snprintf(error->text, sizeof error->text,
                sv_say("%s: larger than %u bytes; this is no file of settings"),
                path, FILE_BYTES_MAX);
            err = SP_E_CONFIG;
        } else {
            err = sv_config_parse(c, path, sp_slice_of(text, size), error);
        }
    }
    free(text);
    fclose(file);
    return err;
}

sp_err sv_config_args(struct sv_config *c, char *const *args, int count,
    struct sv_config_error *error)
{
    char key[KEY_BYTES_MAX + 1];
    for (int i = 0; i < count; i++) {
        const char *arg = args[i];
        if (strncmp(arg, "--", 2) != 0) {
            snprintf(error->text, sizeof error->text,
                sv_say(
                    "command line: \"%.64s\" is no option; write --key value"),
                arg);
            return SP_E_CONFIG;
        }
        const char *equals = strchr(arg, '=');
        const char *value = NULL;
        size_t size =
            equals == NULL ? strlen(arg + 2) : (size_t)(equals - (arg + 2));
        snprintf(key, sizeof key, "%.*s", (int)size, arg + 2);
        /* --group-kib is the same as --group_kib */
        for (char *p = key; *p != '\0'; p++) {
            *p = *p == '-' ? '_' : *p;
        }
        if (equals != NULL) {
            value = equals + 1;
        } else if (i + 1 < count) {
            value = args[++i];
        } else {
            snprintf(error->text, sizeof error->text,
                sv_say("command line: --%s needs a value"), key);
            return SP_E_CONFIG;
        }
        sp_err err =
            sv_config_set(c, key, value, sv_say("command line"), error);
        if (err != SP_OK) {
            return err;
        }
    }
    return SP_OK;
}

sp_err sv_config_finish(struct sv_config *c, struct sv_config_error *error)
{
    size_t size = strlen(c->dir);
    while (size > 1 && c->dir[size - 1] == '/') {
        c->dir[--size] = '\0';
    }
    if (c->key_file[0] == '\0') {
        snprintf(c->key_file, sizeof c->key_file, "%.200s.key", c->dir);
    }
    if (c->control[0] == '\0') {
        snprintf(c->control, sizeof c->control, "%.200s/control", c->dir);
    }
    if (strlen(c->control) > 107) {
        snprintf(error->text, sizeof error->text,
            sv_say("control = %s: the path of a local socket has at most 107 "
                   "bytes; "
                   "set control to a shorter one"),
            c->control);
        return SP_E_CONFIG;
    }
    if (c->uplink_retry_min_s > c->uplink_retry_max_s) {
        snprintf(error->text, sizeof error->text,
            sv_say(
                "uplink_retry_min_s (%" PRId64 ") is above uplink_retry_max_s "
                "(%" PRId64 "); swap them"),
            c->uplink_retry_min_s, c->uplink_retry_max_s);
        return SP_E_CONFIG;
    }
    return SP_OK;
}

bool sv_config_reload(struct sv_config *c, const struct sv_config *from)
{
    bool restart = false;
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        size_t size = s->type == NUMBER ? sizeof(int64_t) : SV_CONFIG_TEXT_MAX;
        char *own = (char *)c + s->offset;
        const char *new = (const char *)from + s->offset;
        bool same = s->type == NUMBER ? memcmp(own, new, size) == 0
                                      : strcmp(own, new) == 0;
        if (s->live) {
            memcpy(own, new, size);
        } else {
            restart = restart || !same;
        }
    }
    return restart;
}

bool sv_config_row(
    const struct sv_config *c, size_t index, struct sv_config_row *out)
{
    if (index >= SETTINGS) {
        return false;
    }
    const struct setting *s = &settings[index];
    struct sv_config copy = *c;
    out->key = s->key;
    out->unit = s->unit;
    out->fallback = s->fallback;
    out->help = s->help;
    out->live = s->live;
    if (s->type == NUMBER) {
        snprintf(
            out->value, sizeof out->value, "%" PRId64, *number_at(&copy, s));
    } else {
        snprintf(out->value, sizeof out->value, "%s", text_at(&copy, s));
    }
    return true;
}

void sv_config_help(FILE *out)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        fprintf(out, "  --%-20s %s\n", s->key, sv_say(s->help));
        fprintf(out, "    %-20s %s", "", sv_say(s->unit));
        if (s->type == NUMBER) {
            fprintf(out, sv_say(", %" PRId64 " to %" PRId64), s->min, s->max);
        }
        fprintf(out, sv_say("; default %s%s\n"),
            s->fallback[0] == '\0' ? sv_say("empty") : s->fallback,
            s->live ? sv_say("; taken again at SIGHUP") : "");
    }
}

void sv_config_show(const struct sv_config *c, FILE *out)
{
    struct sv_config_row row;
    for (size_t i = 0; sv_config_row(c, i, &row); i++) {
        fprintf(out, "%s = %s\n", row.key, row.value);
    }
}
