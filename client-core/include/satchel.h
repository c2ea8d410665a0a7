/*
 * satchel.h - a device's own copy of its customers: the whole of libsatchel.
 *
 * A store is a directory that holds an encrypted replica of what its user may
 * see, and a journal of what he wrote. Everything here works without a
 * network, save satchel_enrol, satchel_sync and satchel_live_*.
 *
 * Errors     Every call that can fail returns 0 or the number of an error, and
 *            fills *e when e is not NULL. Out-parameters are untouched then.
 * Language   satchel_speak says in which language a thread reads details.
 * Text       UTF-8 in NFC, ended by NUL. A NULL text argument means "not
 *            given". Times are UTC milliseconds since 1970, 0 when unknown.
 * Ownership  A result (`struct satchel_... **out`) belongs to the caller as one
 *            piece: satchel_free on the outermost pointer, and on nothing
 *            inside it. It does not change, and outlives the store that it
 *            came from. Arguments are borrowed for the call. Handles have a
 *            close of their own.
 * Threads    A handle may be used from several threads; calls on one store
 *            take turns, but a running sync holds others up only for the
 *            length of a page. Results may be read from any thread. Several
 *            processes may have one store open at once, also during a sync;
 *            one process opens it once (a second open is SATCHEL_E_IN_USE).
 *            Do not fork while a store is open.
 *
 * Each part is a header of its own below satchel/; this one includes them all.
 */
#ifndef SATCHEL_H
#define SATCHEL_H

#include "satchel/attachment.h"
#include "satchel/base.h"
#include "satchel/campaign.h"
#include "satchel/care.h"
#include "satchel/conflict.h"
#include "satchel/day.h"
#include "satchel/deadline.h"
#include "satchel/duplicate.h"
#include "satchel/effort.h"
#include "satchel/exports.h"
#include "satchel/files.h"
#include "satchel/history.h"
#include "satchel/inbox.h"
#include "satchel/merge.h"
#include "satchel/people.h"
#include "satchel/playbook.h"
#include "satchel/quality.h"
#include "satchel/reconcile.h"
#include "satchel/record.h"
#include "satchel/rejected.h"
#include "satchel/report.h"
#include "satchel/standing.h"
#include "satchel/status.h"
#include "satchel/store.h"
#include "satchel/sync.h"
#include "satchel/task.h"
#include "satchel/team.h"
#include "satchel/visit.h"

#endif
