/*
 * server.h - one running satcheld: its parts, and who owns them (main.c).
 *
 * Parts stand in the order in which they are started; they stop in reverse.
 */
#ifndef SV_SERVER_H
#define SV_SERVER_H

#include "config/config.h"
#include "net/enrol.h"
#include "net/listen.h"
#include "net/uplink.h"
#include "ops/metrics.h"
#include "store/home.h"

struct sv_control;

struct sv_server {
    struct sv_config config; /* as in force; guarded by nobody: only SIGHUP
                                changes it, on the main thread */
    char endpoint[SV_CONFIG_TEXT_MAX]; /* what enrolment codes name */
    struct sv_home home;
    struct sv_metrics metrics;
    struct sv_shelf *shelf;
    struct sv_writer *writer;
    struct sp_enroller enroller;
    struct sv_listen *listen;
    struct sv_uplink *uplink; /* NULL at head office */
    struct sv_control *control;
    uint64_t started_ms; /* steady */
};

#endif
