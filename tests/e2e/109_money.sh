#!/usr/bin/env bash
# Goal: amounts of different currencies are never added together, from a rep's
# device to the branch's close (a customer who pays in yuan and in dollars);
# and the numbers behind the labels are rules that head office changes, which
# devices follow from their next sync (caps 65 to 67).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai
today=$(date +%F)

day() { date -d "$1" +%F; }

world()
{
    world_head_office "Money" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --name Ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --name Mia --role manager --unit east &&
        ctl head-office user add kay --name Kay --role marketing ||
        return 1
    world_branch east && ctl east uplink now &&
        world_device ann east ann && rep ann sync &&
        world_device mia east mia && rep mia sync || return 1
    # Ten days apart, the last twenty-one days ago.
    rep ann account add "Two Currencies" territory_id=north &&
        buys "Two Currencies" "$(day "-31 days")" "900.50 CNY" &&
        buys "Two Currencies" "$(day "-21 days")" "900 USD" &&
        buys "Two Currencies" "$(day "-21 days")" "1200 JPY" && rep ann sync
}

buys() # ACCOUNT DAY AMOUNT [FIELD=VALUE...]
{
    rep ann record add purchase --of "$1" "date=$2" "amount=$3" "${@:4}"
}

# label NAME: its value on ann's device; why NAME: what it follows from
label() { of_label "$1" value; }
why() { of_label "$1" why_en; }
of_label()
{
    rep "${3:-ann}" --json account labels "Two Currencies" >"$said" || return 1
    json "[l['$2'] for l in d['labels'] if l['name'] == '$1'][0]"
}

# ---- money -------------------------------------------------------------------

labels_keep_them_apart()
{
    [ "$(label amount)" = "900.50 CNY · 1200 JPY · 900.00 USD" ] &&
        rep ann --json at-risk >"$said" &&
        holds 'd["customers"][0]["spent"] == [
            {"currency": "CNY", "minor": 90050},
            {"currency": "JPY", "minor": 1200},
            {"currency": "USD", "minor": 90000}]' &&
        rep ann --json segment "amount >= 1000 CNY" >"$said" &&
        holds 'd["steps"][0]["left"] == 0' &&
        rep ann --json segment "amount >= 900 USD" >"$said" &&
        holds 'd["steps"][0]["left"] == 1' &&
        rep ann --json segment "amount = 1200 JPY" >"$said" &&
        holds 'd["steps"][0]["left"] == 1' &&
        refuses 1 rep ann record add purchase --of "Two Currencies" \
            date=today amount=5 -- "1234.50 CNY"
}

rules_ask_for_one()
{
    ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
care_rule = (
  { name = "thanks"; kind = "spend"; threshold = "1000.00 CNY";
    action = "call"; title = "Thank them"; }
);
CONF
    ctl east uplink now && rep ann sync && rep ann --json care due >"$said" &&
        holds 'd["items"] == []' &&
        buys "Two Currencies" "$(day "-21 days")" "99.50 CNY" &&
        rep ann --json care due >"$said" &&
        holds '[i["why_en"] for i in d["items"]] ==
            ["spent 1000 CNY in all, line 1000 CNY"]' &&
        refuses 64 ctl head-office care check /dev/stdin -- \
            "threshold" "1234.50 CNY" <<'CONF'
care_rule = ( { name = "thanks"; kind = "spend"; threshold = "1000";
  action = "call"; title = "Thank them"; } );
CONF
}

the_day_closes_by_currency()
{
    rep ann account add Delta territory_id=north phone_main=13812345604 &&
        buys Delta "$today" "80 CNY" && buys Delta "$today" "20.25 USD" &&
        buys Delta "$today" "0.75 USD" && rep ann sync || return 1
    rep ann --json care daily >"$said" &&
        holds '[(c["account"], c["amount"]) for c in d["customers"]] == [
            ("Delta", [{"currency": "CNY", "minor": 8000},
                       {"currency": "USD", "minor": 2100}])]' &&
        rep ann --json day show >"$said" &&
        holds 'd["facts"]["amount"] == "80.00 CNY · 21.00 USD"' || return 1
    ctl east --json branch close --as mia >"$said" &&
        holds 'd["purchases_sums"] == "80.00 CNY · 21.00 USD"' &&
        ctl east --json branch close --as mia >"$said" &&
        holds 'd["purchases_sums"] == "80.00 CNY · 21.00 USD"'
}

# ---- the numbers of labels -----------------------------------------------------

as_it_ships()
{
    [ "$(label activity_state)" = active ] &&
        [ "$(label purchase_class)" = fan ] &&
        [ "$(label at_risk)" = yes ] && [ "$(why at_risk)" = \
        "21 days since the last purchase, more than 150% of the usual 10.0" ]
}

head_office_changes_them()
{
    ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
data_rule = (
  { name = "Activity"; kind = "activity"; days = 10; lapse_days = 20; },
  { name = "Fans"; kind = "fan"; least = 5; days = 60; },
  { name = "Leaving"; kind = "at_risk"; ratio = 211; }
);
CONF
    # Nothing changes before the sync.
    as_it_ships && ctl east uplink now && rep ann sync && rep mia sync ||
        return 1
    [ "$(label activity_state)" = lapsed ] &&
        [ "$(why activity_state)" = "21 days since the last purchase: active \
up to 10, dormant up to 20" ] &&
        [ "$(label purchase_class)" = repeat ] &&
        [ "$(why purchase_class)" = \
            "4 purchases in 60 days, a fan from 5" ] &&
        [ "$(label at_risk)" = no ] &&
        [ "$(of_label activity_state value mia)" = lapsed ] &&
        rep ann --json at-risk >"$said" && holds 'd["customers"] == []' &&
        rep ann --lang zh account labels "Two Currencies" >"$said" &&
        says "60 天内消费 4 次，5 次起为粉丝"
}

wrong() # RULE WORDS...
{
    echo "data_rule = ( { name = \"Wrong\"; $1 } );" >"$tap_dir/wrong.conf"
    shift
    refuses 64 ctl head-office care apply "$tap_dir/wrong.conf" --as admin -- \
        "$@"
}

edges_are_refused()
{
    wrong 'kind = "activity"; days = 90; lapse_days = 90;' care.conf:1 \
        "lapse_days must be more than days" &&
        wrong 'kind = "activity"; days = 90;' "lapse_days" &&
        wrong 'kind = "activity"; days = 0; lapse_days = 1;' "days" &&
        wrong 'kind = "fan"; least = 1; days = 365;' "least" &&
        wrong 'kind = "fan"; least = 4;' "it needs least" &&
        wrong 'kind = "at_risk"; ratio = 99;' "ratio" &&
        wrong 'kind = "at_risk"; ratio = 1001;' "ratio" &&
        wrong 'kind = "at_risk";' "it needs ratio" &&
        wrong 'kind = "stale";' "it needs days" &&
        wrong 'days = 5;' "kind" &&
        echo 'data_rule = ( { name = "Hers"; kind = "at_risk"; ratio = 200; } );' \
            >"$tap_dir/hers.conf" &&
        refuses 1 ctl head-office care apply "$tap_dir/hers.conf" --as kay \
            -- "Hers" "your role may not" &&
        refuses 1 rep mia record add data_rule name=Mine kind=fan least=2 \
            days=9 -- "data_rule: nothing was saved" || return 1
    ctl east uplink now && rep ann sync && [ "$(label at_risk)" = no ]
}

back_to_what_ships()
{
    ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
data_rule = (
  { name = "Activity"; kind = "activity"; days = 10; lapse_days = 20;
    active = false; },
  { name = "Fans"; kind = "fan"; least = 5; days = 60; active = false; },
  { name = "Leaving"; kind = "at_risk"; ratio = 211; active = false; }
);
CONF
    ctl east uplink now && rep ann sync && as_it_ships
}

check "a customer pays in three currencies" world
check "labels, at risk and segments keep currencies apart" labels_keep_them_apart
check "cap 25: a rule asks for purchases in its own currency" rules_ask_for_one
check "as they ship: the numbers of the labels" as_it_ships
check "cap 67: head office changes them, devices follow with the next sync" \
    head_office_changes_them
check "numbers that make no sense are refused, and change nothing" \
    edges_are_refused
check "switched off, what ships counts again" back_to_what_ships
check "cap 44: a day closes with each currency by itself" \
    the_day_closes_by_currency
tap_done
