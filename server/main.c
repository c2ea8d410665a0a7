/*
 * satcheld - a Satchel server: head office or branch.
 *
 *   satcheld [--lang zh|en] [--dir DIR] [--config FILE] [--KEY VALUE...]
 *   satcheld config show [the same]
 *   satcheld --help | --version
 *
 * Exit status: 0 stopped as asked, 1 refused (store locked, wrong key, port in
 * use), 64 settings, 70 internal, 74 disk.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "ctl/control.h"
#include "ctl/message.h"
#include "ctl/scan.h"
#include "ops/env.h"
#include "ops/log.h"
#include "ops/say.h"
#include "say/screen.h"
#include "server.h"

#define VERSION    "0.1.0"
#define STOPPING_S 90 /* an exchange with head office may be waiting */
#define CLOSING_S  5

/* What the command line said, kept for SIGHUP. */
struct start {
    int count;
    char **args;
    char config_path[SV_CONFIG_TEXT_MAX + 32];
    bool named; /* --config: the file must be there */
};

static volatile sig_atomic_t stop_asked, reload_asked;
static atomic_int fatal_error;
static pthread_t main_thread;

static void on_signal(int number)
{
    if (number == SIGHUP) {
        reload_asked = 1;
    } else {
        stop_asked = 1;
    }
}

/* Called by the writer when a commit failed. */
static void on_fatal(void *self, sp_err err)
{
    (void)self;
    sv_log(SV_LOG_ERROR, "store",
        "event=commit_failed error=%s text=\"%s\" note=\"nothing of it was "
        "acknowledged; stopping; check the disk and start again\"",
        sp_err_name(err), sp_err_text_en(err));
    atomic_store(&fatal_error, (int)err);
    pthread_kill(main_thread, SIGTERM);
}

/* Called by the network side; the supervisor starts the process anew. */
static void on_stuck(void *self)
{
    (void)self;
    sv_log(SV_LOG_ERROR, "net",
        "event=stuck note=\"closed connections are not let go; stopping to be "
        "started anew\"");
    atomic_store(&fatal_error, (int)SP_E_INTERNAL);
    pthread_kill(main_thread, SIGTERM);
}

/* All that was acknowledged is on disk; closing connections may hang. */
static void on_alarm(int number)
{
    (void)number;
    _exit(sv_message_exit((sp_err)atomic_load(&fatal_error)));
}

static int complain(sp_err err, const char *text)
{
    FILE *to = cc_screen_on(stderr, 0);

    fprintf(to, "satcheld: %s\n", text[0] != '\0' ? text : cc_say_err(err));
    cc_screen_off(to, stderr);
    return sv_message_exit(err);
}

/* How many arguments from here are this option with its value: 0, 1
 * (--name=value) or 2. Sets the value; NULL when it is missing. */
static int option_at(
    const struct start *start, int i, const char *name, const char **value)
{
    const char *arg = start->args[i];
    size_t size = strlen(name);

    if (strncmp(arg, name, size) == 0 && arg[size] == '=') {
        *value = arg + size + 1;
        return 1;
    }
    if (strcmp(arg, name) != 0) {
        return 0;
    }
    *value = i + 1 < start->count ? start->args[i + 1] : NULL;
    return 2;
}

static void take_out(struct start *start, int at, int taken)
{
    int rest = start->count - at - taken;

    if (rest > 0) {
        memmove(start->args + at, start->args + at + taken,
            (size_t)rest * sizeof start->args[0]);
    }
    start->count = rest < 0 ? at : at + rest;
}

/* Takes --lang out; until the server runs this thread speaks it, else what
 * the environment says. */
static sp_err speak(struct start *start)
{
    const char *name = "";
    enum cc_lang language = cc_words_lang_env(
        getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
    bool known = true;

    for (int i = 0; i < start->count;) {
        int taken = option_at(start, i, "--lang", &name);
        if (taken == 0) {
            i++;
            continue;
        }
        known = name != NULL && cc_words_lang(name, &language);
        take_out(start, i, taken);
    }
    cc_say_in(language);
    return known ? SP_OK : SP_E_CONFIG;
}

/* Takes --config out of the arguments and finds --dir for its default. */
static void find_config(struct start *start)
{
    const char *dir = "/var/lib/satchel";
    for (int i = 0; i < start->count;) {
        const char *value = NULL;
        int taken = option_at(start, i, "--config", &value);
        if (option_at(start, i, "--dir", &value) > 0) {
            dir = value == NULL ? "" : value;
        }
        if (taken == 0 || value == NULL) {
            i++;
            continue;
        }
        snprintf(
            start->config_path, sizeof start->config_path, "%.255s", value);
        start->named = true;
        take_out(start, i, taken);
    }
    if (!start->named) {
        snprintf(start->config_path, sizeof start->config_path,
            "%.255s/satcheld.conf", dir);
    }
}

static sp_err read_config(const struct start *start, struct sv_config *config,
    struct sv_config_error *error)
{
    sv_config_init(config);
    error->text[0] = '\0';
    sp_err err = sv_config_load(config, start->config_path, error);
    if (err == SP_E_NOT_FOUND && !start->named) {
        err = SP_OK;
    }
    if (err == SP_OK) {
        err = sv_config_args(config, start->args, start->count, error);
    }
    if (err == SP_OK) {
        err = sv_config_finish(config, error);
    }
    return err == SP_E_NOT_FOUND ? SP_E_CONFIG : err;
}

static struct sv_session_limits limits_of(const struct sv_config *c)
{
    return (
        struct sv_session_limits){ .sessions_max = (uint64_t)c->sessions_max,
        .half_open_max = (uint64_t)c->half_open_max,
        .half_open_ms = (uint64_t)c->half_open_ms,
        /* the engine ends them at SP_SESSION_MS_MAX; a little later here, so
         * that a turn under way is not cut */
        .session_ms = SP_SESSION_MS_MAX + 300000u,
        .idle_ms = (uint64_t)c->idle_s * 1000u,
        .unauthenticated_ms = (uint64_t)c->unauthenticated_s * 1000u,
        .pipes_per_address = (uint64_t)c->pipes_per_address,
        .handshakes_per_s = (uint64_t)c->handshakes_per_s,
        .handshakes_all_per_s = 500u + (uint64_t)c->handshakes_per_s };
}

static struct sv_uplink_plan plan_of(const struct sv_server *s)
{
    const struct sv_config *c = &s->config;
    struct sv_uplink_plan plan = { .jitter_ms =
                                       (uint64_t)c->uplink_jitter_s * 1000u,
        .every_ms = (uint64_t)c->uplink_every_s * 1000u,
        .rate_bytes = (uint64_t)c->uplink_rate_kib * 1024u,
        .retry_min_ms = (uint64_t)c->uplink_retry_min_s * 1000u,
        .retry_max_ms = (uint64_t)c->uplink_retry_max_s * 1000u,
        .retries = (unsigned)c->uplink_retries,
        .timeout_ms = (uint32_t)c->uplink_timeout_s * 1000u };
    (void)sv_config_window(
        c->uplink_window, &plan.from_minute, &plan.to_minute);
    snprintf(plan.endpoint, sizeof plan.endpoint, "%.127s",
        c->uplink[0] != '\0' ? c->uplink : s->home.who.upper_endpoint);
    return plan;
}

static void apply_config(struct sv_server *s)
{
    const struct sv_config *c = &s->config;
    struct sv_session_limits limits = limits_of(c);
    struct sv_uplink_plan plan = plan_of(s);
    sv_log_set(sv_log_level_of(c->log_level));
    snprintf(s->endpoint, sizeof s->endpoint, "%s",
        c->advertise[0] != '\0' ? c->advertise : c->listen);
    if (s->writer != NULL) {
        sv_writer_tune(s->writer, (size_t)c->queue_max,
            (uint64_t)c->group_delay_ms, (size_t)c->group_kib * 1024u);
    }
    if (s->listen != NULL) {
        sv_session_table_limits(sv_listen_sessions(s->listen), &limits);
    }
    if (s->uplink != NULL) {
        sv_uplink_tune(s->uplink, &plan);
    }
}

static void reload(struct sv_server *s, const struct start *start)
{
    struct sv_config fresh;
    struct sv_config_error error;
    sp_err err = read_config(start, &fresh, &error);
    if (err != SP_OK) {
        sv_log(SV_LOG_ERROR, "config",
            "event=reload_refused text=\"%s\" note=\"the old settings stay\"",
            error.text);
        return;
    }
    bool restart = sv_config_reload(&s->config, &fresh);
    apply_config(s);
    sv_log(SV_LOG_INFO, "config", "event=reloaded%s",
        restart ? " note=\"some changed settings need a restart\"" : "");
}

static sp_err load_rules(struct sv_server *s, char *note, size_t room)
{
    struct sv_book *book = NULL;
    sp_err err = sv_book_load(&s->home.node, &book);
    if (err == SP_OK) {
        s->shelf = sv_book_shelf(book);
        if (s->shelf == NULL) {
            sv_book_drop(book);
            err = SP_E_NOMEM;
        }
    }
    if (err != SP_OK) {
        sv_say_note(note, room, "%.200s: cannot read the signed documents: %s",
            s->config.dir, cc_say_err(err));
    } else if (sv_book_report(book)->rejected > 0) {
        sv_log(SV_LOG_WARN, "rules", "event=left_out count=%u why=%s",
            sv_book_report(book)->rejected,
            sp_err_name(sv_book_report(book)->why));
    }
    return err;
}

static sp_err start_writer(struct sv_server *s)
{
    const struct sv_config *c = &s->config;
    struct sv_writer_setup setup = { .node = &s->home.node,
        .shelf = s->shelf,
        .metrics = &s->metrics,
        .queue_max = (size_t)c->queue_max,
        .group_delay_ms = (uint64_t)c->group_delay_ms,
        .group_bytes = (size_t)c->group_kib * 1024u,
        .fatal = on_fatal };
    s->writer = sv_writer_start(&setup);
    if (s->writer == NULL) {
        return SP_E_NOMEM;
    }
    sv_writer_derive(s->writer);
    return SP_OK;
}

static sp_err start_net(struct sv_server *s, char note[SV_LISTEN_NOTE_BYTES])
{
    s->enroller = sv_enrol_port(&s->metrics);
    struct sv_listen_setup setup = { .endpoint = s->config.listen,
        .contexts = (unsigned)s->config.contexts,
        .node = &s->home.node,
        .shelf = s->shelf,
        .writer = s->writer,
        .metrics = &s->metrics,
        .enroller = &s->enroller,
        .stuck = on_stuck,
        .limits = limits_of(&s->config) };
    return sv_listen_start(&s->listen, &setup, note);
}

static sp_err start_uplink(struct sv_server *s)
{
    if (s->home.who.tier != SP_TIER_BRANCH) {
        return SP_OK;
    }
    struct sv_uplink_setup setup = { .node = &s->home.node,
        .shelf = s->shelf,
        .writer = s->writer,
        .metrics = &s->metrics,
        .upper_device = s->home.who.upper_device,
        .plan = plan_of(s) };
    memcpy(setup.upper_static, s->home.who.upper_static, 32);
    s->uplink = sv_uplink_start(&setup);
    return s->uplink == NULL ? SP_E_NOMEM : SP_OK;
}

static sp_err start_all(struct sv_server *s, char *note, size_t room)
{
    char part[SV_HOME_NOTE_BYTES] = "";
    _Static_assert(sizeof part >= SV_LISTEN_NOTE_BYTES, "notes fit");
    _Static_assert(sizeof part >= SV_CONTROL_NOTE_BYTES, "notes fit");
    const struct sv_config *c = &s->config;
    s->started_ms = sv_env_steady_ms();
    sp_err err = sv_home_open(&s->home, c->dir, c->key_file,
        (uint64_t)c->map_mib << 20, sv_env_real(), part);
    if (err == SP_OK) {
        err = load_rules(s, part, sizeof part);
    }
    if (err == SP_OK) {
        err = start_writer(s);
    }
    if (err == SP_OK) {
        err = start_net(s, part);
    }
    if (err == SP_OK) {
        apply_config(s);
        err = start_uplink(s);
    }
    if (err == SP_OK) {
        err = sv_control_start(&s->control, s, part);
    }
    sv_say_note(note, room, "%s", part);
    return err;
}

static void stop_all(struct sv_server *s)
{
    /* Whatever waits for ever must not keep the process: commits are whole or
     * not there at all, at any moment. */
    (void)signal(SIGALRM, on_alarm);
    (void)alarm(STOPPING_S);
    sv_control_stop(s->control);
    sv_uplink_stop(s->uplink);
    sv_listen_stop(s->listen);
    sv_writer_stop(s->writer);
    sv_listen_drain(s->listen);
    if (s->home.lmdb != NULL) {
        sv_home_close(&s->home);
    }
    (void)alarm(CLOSING_S);
    sv_listen_free(s->listen);
    sv_book_shelf_free(s->shelf);
    sv_listen_fini();
    (void)alarm(0);
    sp_frame_trim();
}

static sp_err tidy_codes(void *arg, struct sp_tx *tx)
{
    (void)arg;
    return sv_enrol_tidy(tx);
}

static void each_minute(struct sv_server *s, unsigned minute)
{
    sv_home_tidy(&s->home);
    if (minute % 60 == 0) {
        sp_err err = sv_writer_run(s->writer, tidy_codes, NULL);
        if (err != SP_OK) {
            sv_log(SV_LOG_WARN, "enrol", "event=not_tidied error=%s",
                sp_err_name(err));
        }
        sv_scan_when_due(s);
    }
}

/* Sleeps between signals; the handlers only set flags. */
static void wait_for_end(
    struct sv_server *s, const struct start *start, const sigset_t *open)
{
    unsigned minute = 0;
    while (!stop_asked) {
        struct timespec patience = { 60, 0 };
        if (pselect(0, NULL, NULL, NULL, &patience, open) == 0) {
            each_minute(s, ++minute);
        }
        if (reload_asked) {
            reload_asked = 0;
            reload(s, start);
        }
    }
}

/* All threads that are started later leave these signals to this one. */
static void prepare_signals(sigset_t *open)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigset_t shut;
    main_thread = pthread_self();
    sigemptyset(&shut);
    sigaddset(&shut, SIGTERM);
    sigaddset(&shut, SIGINT);
    sigaddset(&shut, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &shut, open);
    sigdelset(open, SIGTERM);
    sigdelset(open, SIGINT);
    sigdelset(open, SIGHUP);
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);
}

static int run(const struct start *start, const struct sv_config *config)
{
    static struct sv_server server; /* large, and zero to begin with */
    char note[SV_HOME_NOTE_BYTES];
    sigset_t open;
    struct rlimit no_core = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &no_core); /* keys would be in it */
    server.config = *config;
    sv_log_set(sv_log_level_of(config->log_level));
    sv_env_trace(getenv("SATCHEL_TRACE"));
    prepare_signals(&open);
    sp_err err = start_all(&server, note, sizeof note);
    if (err != SP_OK) {
        stop_all(&server);
        return complain(err, note);
    }
    cc_say_in(CC_LANG_EN); /* from now on only logs come from here */
    sv_log(SV_LOG_INFO, "main",
        "event=started version=%s tier=%s unit=\"%s\" device=%u listen=%s",
        VERSION,
        server.home.who.tier == SP_TIER_BRANCH ? "branch" : "head-office",
        server.home.who.unit, server.home.who.id.device, server.config.listen);
    wait_for_end(&server, start, &open);
    sv_log(SV_LOG_INFO, "main", "event=stopping");
    stop_all(&server);
    sp_err fatal = (sp_err)atomic_load(&fatal_error);
    sv_log(SV_LOG_INFO, "main", "event=stopped error=%s", sp_err_name(fatal));
    return sv_message_exit(fatal);
}

static const struct {
    int exit;
    const char *meaning;
} exits[] = {
    { 0, SV_SAY("stopped as asked") },
    { 1, SV_SAY("refused; the message says why") },
    { 64, SV_SAY("the command line or a setting is wrong") },
    { 70, SV_SAY("internal error, or no memory") },
    { 74, SV_SAY("the disk is full, fails or is damaged") },
};
static const char *const synopsis[] = {
    SV_SAY("satcheld [--lang zh|en] [--dir DIR] [--config FILE] [--KEY "
           "VALUE...]"),
    SV_SAY("satcheld config show ...   the settings that would hold"),
};
#define SUMMARY SV_SAY("a Satchel server: head office or branch")
#define SIGNALS                                                                \
    SV_SAY("The store says whether this is head office (satchelctl init) or "  \
           "a branch (satchelctl branch join). Settings come from "            \
           "DIR/satcheld.conf (key = value, # comments), then from the "       \
           "command line. SIGTERM and SIGINT stop, SIGHUP reads the settings " \
           "again. SATCHEL_TRACE=link,apply traces to standard error.")

static void help(void)
{
    FILE *page = cc_screen_on(stdout, CC_SCREEN_COLUMNS);

    fprintf(page, "satcheld - %s\n\n%s\n%s\n\n%s\n\n", sv_say(SUMMARY),
        sv_say(synopsis[0]), sv_say(synopsis[1]), sv_say(SIGNALS));
    sv_config_help(page);
    fprintf(page, "\n%s\n", sv_say("Exit status"));
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        fprintf(page, "  %d  %s\n", exits[i].exit, sv_say(exits[i].meaning));
    }
    cc_screen_off(page, stdout);
}

/* The same as data, for man pages and completion. */
static void help_json(void)
{
    struct sv_config_row row;
    struct sv_config config;
    json_t *settings = json_array(), *status = json_array();
    sv_config_init(&config);
    for (size_t i = 0; sv_config_row(&config, i, &row); i++) {
        (void)json_array_append_new(
            settings, json_pack("{s:s, s:s, s:s}", "name", row.key, "value",
                          row.unit, "help", sv_say(row.help)));
    }
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        (void)json_array_append_new(
            status, json_pack("{s:i, s:s}", "exit", exits[i].exit, "meaning",
                        sv_say(exits[i].meaning)));
    }
    json_t *all = json_pack(
        "{s:s, s:s, s:[s, s], s:s, s:[], s:o, s:[{s:s, s:s}], s:o}", "program",
        "satcheld", "summary", sv_say(SUMMARY), "synopsis", sv_say(synopsis[0]),
        sv_say(synopsis[1]), "description", sv_say(SIGNALS), "commands",
        "options", settings, "environment", "name", "SATCHEL_TRACE", "meaning",
        sv_say("facilities that are traced: link,apply..., or all"), "exits",
        status);
    (void)json_dumpf(all, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(all);
}

/* --help, with --json beside it; false when it was not asked for. */
static bool helped(const struct start *start)
{
    bool wanted = false, json = false;
    for (int i = 0; i < start->count; i++) {
        wanted = wanted || strcmp(start->args[i], "--help") == 0 ||
                 strcmp(start->args[i], "-h") == 0;
        json = json || strcmp(start->args[i], "--json") == 0;
    }
    if (wanted) {
        json ? help_json() : help();
    }
    return wanted;
}

int main(int argc, char **argv)
{
    struct start start = { .count = argc - 1, .args = argv + 1 };
    struct sv_config config;
    struct sv_config_error error;
    bool show = false;
    sp_err err = speak(&start);
    if (err != SP_OK) {
        return complain(err, sv_say("--lang: write zh or en"));
    }
    if (helped(&start)) {
        return 0;
    }
    if (start.count == 1 && strcmp(start.args[0], "--version") == 0) {
        puts("satcheld " VERSION);
        return 0;
    }
    if (start.count >= 2 && strcmp(start.args[0], "config") == 0 &&
        strcmp(start.args[1], "show") == 0) {
        show = true;
        start.count -= 2;
        start.args += 2;
    }
    if (sp_crypto_init() != SP_OK) {
        return complain(SP_E_INTERNAL, "");
    }
    find_config(&start);
    err = read_config(&start, &config, &error);
    if (err != SP_OK) {
        return complain(err, error.text);
    }
    if (show) {
        sv_config_show(&config, stdout);
        return 0;
    }
    return run(&start, &config);
}
