/*
 * do.h - what each command of satchelctl does inside satcheld; the files
 * do_*.c. Which command is which stands in call.c, what it takes in table.c.
 */
#ifndef SV_DO_H
#define SV_DO_H

#include "ctl/call.h"

sp_err sv_do_status(struct sv_call *call);
sp_err sv_do_show(struct sv_call *call);
sp_err sv_do_branch_add(struct sv_call *call);
sp_err sv_do_branch_code(struct sv_call *call);
sp_err sv_do_branch_arrivals(struct sv_call *call);
sp_err sv_do_branch_close(struct sv_call *call);
sp_err sv_do_branch_deadlines(struct sv_call *call);
sp_err sv_do_branch_inbox(struct sv_call *call);
sp_err sv_do_branch_reconciliations(struct sv_call *call);
sp_err sv_do_freshness(struct sv_call *call);
sp_err sv_do_targets(struct sv_call *call);
sp_err sv_do_territory_add(struct sv_call *call);
sp_err sv_do_territory_move(struct sv_call *call);
sp_err sv_do_territory_give(struct sv_call *call);
sp_err sv_do_territory_list(struct sv_call *call);
sp_err sv_do_unit_list(struct sv_call *call);
sp_err sv_do_user_add(struct sv_call *call);
sp_err sv_do_user_list(struct sv_call *call);
sp_err sv_do_user_set(struct sv_call *call);
sp_err sv_do_user_share(struct sv_call *call);
sp_err sv_do_user_revoke(struct sv_call *call);
sp_err sv_do_handover(struct sv_call *call);
sp_err sv_do_role_list(struct sv_call *call);
sp_err sv_do_device_enrol(struct sv_call *call);
sp_err sv_do_device_list(struct sv_call *call);
sp_err sv_do_device_revoke(struct sv_call *call);
sp_err sv_do_export(struct sv_call *call);
sp_err sv_do_exports(struct sv_call *call);
sp_err sv_do_exports_request(struct sv_call *call);
sp_err sv_do_exports_approve(struct sv_call *call);
sp_err sv_do_exports_withdraw(struct sv_call *call);
sp_err sv_do_hash(struct sv_call *call);
sp_err sv_do_import(struct sv_call *call);
sp_err sv_do_import_list(struct sv_call *call);
sp_err sv_do_care_daily(struct sv_call *call);
sp_err sv_do_feedback_list(struct sv_call *call);
sp_err sv_do_care_check(struct sv_call *call);
sp_err sv_do_quality_scan(struct sv_call *call);
sp_err sv_do_quality_board(struct sv_call *call);
sp_err sv_do_report(struct sv_call *call);
sp_err sv_do_retention_check(struct sv_call *call);
sp_err sv_do_retention_order(struct sv_call *call);
sp_err sv_do_retention_orders(struct sv_call *call);
sp_err sv_do_retention_run(struct sv_call *call);
sp_err sv_do_care_apply(struct sv_call *call);
sp_err sv_do_account_list(struct sv_call *call);
sp_err sv_do_account_show(struct sv_call *call);
sp_err sv_do_account_history(struct sv_call *call);
sp_err sv_do_account_assign(struct sv_call *call);
sp_err sv_do_account_share(struct sv_call *call);
sp_err sv_do_account_shares(struct sv_call *call);
sp_err sv_do_conflicts(struct sv_call *call);
sp_err sv_do_waiting_list(struct sv_call *call);
sp_err sv_do_waiting_release(struct sv_call *call);
sp_err sv_do_waiting_refuse(struct sv_call *call);
sp_err sv_do_audit_policy(struct sv_call *call);
sp_err sv_do_log_show(struct sv_call *call);
sp_err sv_do_explain(struct sv_call *call);
sp_err sv_do_uplink_now(struct sv_call *call);
sp_err sv_do_uplink_status(struct sv_call *call);
sp_err sv_do_session_list(struct sv_call *call);
sp_err sv_do_documents_list(struct sv_call *call);
sp_err sv_do_dictionary_export(struct sv_call *call);
sp_err sv_do_dictionary_check(struct sv_call *call);
sp_err sv_do_dictionary_diff(struct sv_call *call);
sp_err sv_do_dictionary_apply(struct sv_call *call);
sp_err sv_do_policy_export(struct sv_call *call);
sp_err sv_do_policy_check(struct sv_call *call);
sp_err sv_do_policy_apply(struct sv_call *call);
sp_err sv_do_config_show(struct sv_call *call);
sp_err sv_do_metrics(struct sv_call *call);

#endif
