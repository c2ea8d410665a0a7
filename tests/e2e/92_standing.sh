#!/usr/bin/env bash
# Goal: where customers stand follows from what they bought, on the rep's own
# device: 1,924 customers and their purchases are imported at head office and
# synced; segments count at each step (cap 68), the ladders, activity, class
# and value of each customer hold at their edges and say why (caps 54, 62 and
# 64 to 67), and the funnel is moved by hand with a log (cap 63).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

world()
{
    python3 -B "$SATCHEL_ROOT/tests/e2e/book.py" "$tap_dir" "$(date +%F)" &&
        world_head_office "Book" &&
        ctl head-office branch add east --territories north,south &&
        ctl head-office user add ann --role rep --unit east \
            --territories north &&
        ctl head-office user add bob --role rep --unit east \
            --territories south || return 1
    ctl head-office import accounts "$tap_dir/accounts.csv" --as admin &&
        ctl head-office import purchase "$tap_dir/purchases.csv" --as admin \
            --currency CNY || return 1
    world_branch east && ctl east uplink now || return 1
    world_device ann east ann && rep ann sync &&
        world_device bob east bob && rep bob sync
}

segment_counts()
{
    rep ann --json segment "period_days <= 91" "purchase_count >= 2" \
        "amount >= 1000" >"$said" || return 1
    holds '[d["customers"]] + [s["left"] for s in d["steps"]] ==
        [1924, 1924, 1256, 437]' && holds 'len(d["accounts"]) == 437'
}

# Steps say themselves what is wrong with them.
bad_steps()
{
    fails 64 rep ann segment "purchase_count >= many" &&
        says "purchase_count" "whole number" &&
        fails 64 rep ann segment "no_such = 1" && says "no_such" &&
        fails 64 rep ann segment "purchase_count" && says "no step" &&
        fails 64 rep ann segment && says "--name"
}

# labels_of NAME LABEL VALUE...: of one of the edges.
labels_of()
{
    rep bob --json account labels "$1" >"$said" || return 1
    shift
    while [ $# -gt 0 ]; do
        holds "{l['name']: l['value'] for l in d['labels']}.get('$1') == '$2'" ||
            return 1
        shift 2
    done
}

activity()
{
    labels_of "day 90" activity_state active loyalty_stage first_time \
        purchase_class new &&
        labels_of "day 91" activity_state dormant &&
        labels_of "day 180" activity_state dormant &&
        labels_of "day 181" activity_state lapsed &&
        labels_of "never bought" activity_state none loyalty_stage suspect
}

at_risk()
{
    labels_of "weekly and 10 days away" at_risk no purchase_class fan \
        loyalty_stage repeat &&
        labels_of "weekly and 11 days away" at_risk yes || return 1
    rep bob --json at-risk >"$said" || return 1
    holds '[c["title"] for c in d["customers"]] == ["weekly and 11 days away"]'
}

board()
{
    rep bob --json board >"$said" || return 1
    holds 'all(sum(r["count"] for r in d["rows"] if r["name"] == n)
        == d["customers"] == 9 for n in ("loyalty_stage", "phase",
        "activity_state", "purchase_class", "value_tier", "at_risk"))'
}

tiers()
{
    ctl head-office import tier_rule /dev/stdin --as admin <<'CSV' || return 1
tier,version,min_spend,window_days,active
gold,3,40000 CNY,365,yes
silver,1,10000 CNY,365,yes
CSV
    ctl east uplink now && rep bob sync || return 1
    labels_of "gold missed" value_tier silver &&
        labels_of "gold by a hair" value_tier gold || return 1
    holds '[l["why_en"] for l in d["labels"] if l["name"] == "value_tier"] ==
        ["spend 40000 CNY ≥ 40000 CNY in 365 days (rule 3)"]'
}

funnel()
{
    rep bob account stage "never bought" potential &&
        rep bob account stage "never bought" target &&
        fails 1 rep bob account stage "never bought" closed || return 1
    says "reason" &&
        refuses 1 rep bob account stage "never bought" target -- "already" &&
        refuses 64 rep bob account stage "never bought" clsoed -- \
            "is no status" || return 1
    rep bob account stage "never bought" closed --reason "signed at the fair" &&
        rep bob sync || return 1
    rep bob --json account show "never bought" >"$said" || return 1
    holds 'd["record"]["fields"]["funnel_status"]["text"] == "closed"' &&
        rep bob --json record list stage_log >"$said" || return 1
    holds 'd["total"] == 3'
}

# Two devices of the branch; bob's has been here today, by a clock that says
# tomorrow nobody has.
evening()
{
    ctl head-office user add mia --role manager --unit east &&
        ctl east uplink now || return 1
    rep ann visit start "Customer 7" && rep ann visit end --outcome order &&
        rep ann sync || return 1
    ctl east --json branch close --as mia >"$said" || return 1
    holds '(d["devices"], d["came_in"], d["missing"]) == (2, 2, [])' &&
        holds '(d["visits"], d["visits_open"]) == (1, 0)' || return 1
    ctl east --json branch arrivals --as mia --date "$(date -d tomorrow +%F)" \
        >"$said" || return 1
    holds '(d["came_in"], len(d["missing"]), len(d["rows"])) == (0, 2, 2)' ||
        return 1
    fails 1 ctl east branch close --as ann && says "may not"
}

speaks_chinese()
{
    rep bob --lang zh account labels "gold by a hair" >"$said" || return 1
    says "价值等级" "黄金" "365 天内消费 40000 CNY ≥ 40000 CNY"
}

check "customers and purchases come in and reach their reps" world
check "cap 68: a segment prints 1924, 1256, 437" segment_counts
check "a step that cannot be told says so" bad_steps
check "caps 62, 66, 67: ladders, activity and class at their edges" activity
check "cap 65: at risk is one and a half of the own median gap" at_risk
check "cap 64: each customer is counted once in each group" board
check "cap 54: a tier says why" tiers
check "cap 63: a gate passed over needs a reason, and is logged" funnel
check "a branch closes its day and names who has not come in" evening
check "labels speak Chinese" speaks_chinese
tap_done
