/*
 * do.h - what each command does (do_*.c). 0, or the code of cli->error. One
 * thread.
 *
 * All follow one order: open the store, ask it, close it, answer; so a slow
 * reader of our output never holds the store.
 */
#ifndef CC_CLI_DO_H
#define CC_CLI_DO_H

#include "cli/cli.h"

struct cc_table;
/* A column of a table (say/table.h) with its title in both languages. */
#define CC_DO_COLUMN(en, zh, right, whole)                                     \
    {                                                                          \
        cc_cli_word(cli, CC_W(en, zh)), right, whole                           \
    }
/* Prints a table as the answer, and wipes it; of one without rows it says so
 * (cc_do_nothing). */
int cc_do_table(struct cc_cli *cli, struct cc_table *t);
/* On a terminal: a line on standard error that there is nothing. A pipe gets
 * nothing, --json its empty list. */
void cc_do_nothing(const struct cc_cli *cli);

/* Parts of answers that several commands have. */
void cc_do_sums_json(
    struct cc_json *j, const char *key, const struct satchel_sums *sums);
void cc_do_task_json(struct cc_json *j, const struct satchel_task *t);
int cc_do_tasks(
    struct cc_cli *cli, const struct satchel_task *task, size_t count);
void cc_do_under_way_json(struct cc_json *j, const char *name,
    const struct satchel_visit_open *list, size_t count);
void cc_do_told_json(
    struct cc_json *j, const struct satchel_told *told, size_t count);
void cc_do_told(
    struct cc_cli *cli, const struct satchel_told *told, size_t count);
void cc_do_deadlines_json(
    struct cc_json *j, const struct satchel_deadline *d, size_t count);
int cc_do_deadline_table(
    struct cc_cli *cli, const struct satchel_deadline *d, size_t count);

int cc_do_enrol(struct cc_cli *cli);
int cc_do_unlock(struct cc_cli *cli);
int cc_do_lock(struct cc_cli *cli);
int cc_do_logout(struct cc_cli *cli);
int cc_do_passphrase(struct cc_cli *cli);
int cc_do_status(struct cc_cli *cli);
int cc_do_fields(struct cc_cli *cli);
int cc_do_help(struct cc_cli *cli);

/* Of any entity: the command's. */
int cc_do_list(struct cc_cli *cli);
int cc_do_show(struct cc_cli *cli);
int cc_do_add(struct cc_cli *cli);
/* What stands in the way of cc_do_add: lists it; SATCHEL_E_CONFLICT. */
int cc_do_duplicate(struct cc_cli *cli, const struct satchel_duplicates *all);
int cc_do_edit(struct cc_cli *cli);
int cc_do_remove(struct cc_cli *cli);
int cc_do_assign(struct cc_cli *cli);
int cc_do_share(struct cc_cli *cli);
int cc_do_shares(struct cc_cli *cli);
int cc_do_merge(struct cc_cli *cli);
int cc_do_merges(struct cc_cli *cli);
int cc_do_labels(struct cc_cli *cli);
int cc_do_stage(struct cc_cli *cli);
int cc_do_board(struct cc_cli *cli);
int cc_do_at_risk(struct cc_cli *cli);
int cc_do_segment(struct cc_cli *cli);
int cc_do_time(struct cc_cli *cli);
int cc_do_contacts(struct cc_cli *cli);
int cc_do_targets(struct cc_cli *cli);
int cc_do_profile(struct cc_cli *cli);
int cc_do_profile_board(struct cc_cli *cli);
int cc_do_profile_sample(struct cc_cli *cli);
int cc_do_profile_check(struct cc_cli *cli);
int cc_do_quality(struct cc_cli *cli);
int cc_do_quality_board(struct cc_cli *cli);
int cc_do_report(struct cc_cli *cli);
int cc_do_account_verify(struct cc_cli *cli);
int cc_do_account_people(struct cc_cli *cli);
int cc_do_account_outlets(struct cc_cli *cli);
int cc_do_unmerge(struct cc_cli *cli);

int cc_do_visit_start(struct cc_cli *cli);
int cc_do_visit_end(struct cc_cli *cli);
int cc_do_note_add(struct cc_cli *cli);
int cc_do_visit_check(struct cc_cli *cli);
int cc_do_visit_steps(struct cc_cli *cli);
int cc_do_visit_step(struct cc_cli *cli);
int cc_do_route_save(struct cc_cli *cli);
int cc_do_photo_add(struct cc_cli *cli);
int cc_do_photo_list(struct cc_cli *cli);
int cc_do_photo_show(struct cc_cli *cli);
int cc_do_document_add(struct cc_cli *cli);
int cc_do_document_list(struct cc_cli *cli);
int cc_do_document_show(struct cc_cli *cli);
int cc_do_brief(struct cc_cli *cli);
int cc_do_timeline(struct cc_cli *cli);
int cc_do_history(struct cc_cli *cli);
int cc_do_today(struct cc_cli *cli);
int cc_do_route(struct cc_cli *cli);
int cc_do_route_skip(struct cc_cli *cli);
int cc_do_day_show(struct cc_cli *cli);
int cc_do_day_close(struct cc_cli *cli);

/* Answers where an edit went. 0. */
int cc_do_saved(struct cc_cli *cli, const struct satchel_saved *saved);

int cc_do_task_list(struct cc_cli *cli);
int cc_do_task_add(struct cc_cli *cli);
int cc_do_task_done(struct cc_cli *cli);
int cc_do_task_cancel(struct cc_cli *cli);
int cc_do_task_assign(struct cc_cli *cli);
int cc_do_task_comment(struct cc_cli *cli);
int cc_do_deadlines(struct cc_cli *cli);
int cc_do_contests(struct cc_cli *cli);
int cc_do_contest(struct cc_cli *cli);
int cc_do_playbook(struct cc_cli *cli);
int cc_do_step(struct cc_cli *cli);
int cc_do_reconcile(struct cc_cli *cli);

int cc_do_conflicts_list(struct cc_cli *cli);
int cc_do_conflicts_settle(struct cc_cli *cli);
int cc_do_conflicts_undo(struct cc_cli *cli);
int cc_do_conflicts_restore(struct cc_cli *cli);

int cc_do_rejected_list(struct cc_cli *cli);
int cc_do_rejected_show(struct cc_cli *cli);
int cc_do_rejected_resend(struct cc_cli *cli);
int cc_do_rejected_ask(struct cc_cli *cli);
int cc_do_rejected_discard(struct cc_cli *cli);

int cc_do_asked_list(struct cc_cli *cli);
int cc_do_asked_show(struct cc_cli *cli);
int cc_do_asked_enter(struct cc_cli *cli);
int cc_do_asked_decline(struct cc_cli *cli);

int cc_do_inbox(struct cc_cli *cli);
int cc_do_inbox_show(struct cc_cli *cli);
int cc_do_inbox_decide(struct cc_cli *cli);

int cc_do_care_due(struct cc_cli *cli);
int cc_do_care_draft(struct cc_cli *cli);
int cc_do_care_daily(struct cc_cli *cli);
int cc_do_campaign_list(struct cc_cli *cli);
int cc_do_campaign_start(struct cc_cli *cli);
int cc_do_campaign_draft(struct cc_cli *cli);
int cc_do_coupon_list(struct cc_cli *cli);
int cc_do_coupon_issue(struct cc_cli *cli);
int cc_do_coupon_redeem(struct cc_cli *cli);
int cc_do_coupon_decide(struct cc_cli *cli);
int cc_do_event_list(struct cc_cli *cli);
int cc_do_event_invite(struct cc_cli *cli);
int cc_do_event_attend(struct cc_cli *cli);
int cc_do_benefits(struct cc_cli *cli);
/* A list of what is due, with what was made now. Returns the code. */
int cc_do_care_list(struct cc_cli *cli, const struct satchel_care_list *l);
int cc_do_feedback_list(struct cc_cli *cli);
int cc_do_feedback_answer(struct cc_cli *cli);
int cc_do_care_edit(struct cc_cli *cli);
int cc_do_care_export(struct cc_cli *cli);
int cc_do_care_confirm(struct cc_cli *cli);
int cc_do_care_failed(struct cc_cli *cli);
int cc_do_care_call(struct cc_cli *cli);
int cc_do_export(struct cc_cli *cli);
int cc_do_exports(struct cc_cli *cli);
int cc_do_exports_approve(struct cc_cli *cli);
int cc_do_exports_refuse(struct cc_cli *cli);
int cc_do_exports_withdraw(struct cc_cli *cli);
int cc_do_import_vcard(struct cc_cli *cli);

int cc_do_sync(struct cc_cli *cli);

#endif
