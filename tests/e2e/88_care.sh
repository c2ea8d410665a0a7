#!/usr/bin/env bash
# Goal: head office says by rules how customers are cared for, and every device
# does it with no network: the same event on two devices makes one task and one
# draft, a rule that sets itself off again is refused, another birthday policy
# counts everywhere from the next sync on, a customer's no that was heard
# offline beats a message that was already written, and nothing counts as sent
# before somebody confirmed it.
set -u
export TZ=Asia/Shanghai
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
today=$(date +%F)
rules=$SATCHEL_ROOT/server/policy/default/care.conf

# What it said lies in $said; too long to be shown with a failure.
asks() { fails 0 rep "$@" --json >/dev/null; }

# records DEVICE ENTITY ACCOUNT: of that account, as dicts of shown values
records()
{
    asks "$1" record list "$2" --of "$3" && python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
d = [{n: f["values"][0]["text"] for n, f in r["fields"].items()} | {
     "id": r["id"], "conflict": r["conflict"]} for r in d["records"]]
json.dump(d, open(sys.argv[1], "w", encoding="utf-8"))' "$said"
}

both_sync()
{
    rep phone sync && rep tablet sync && rep phone sync
}

# ---- rules ------------------------------------------------------------------

refuses_a_loop()
{
    printf '%s\n' 'care_rule = (
  { name = "a"; kind = "task_done"; of = "b"; action = "call"; title = "x"; },
  { name = "b"; kind = "task_done"; of = "a"; action = "call"; title = "y"; }
);' >"$tap_dir/loop.conf"
    refuses 64 ctl head-office care check "$tap_dir/loop.conf" -- \
        'care.conf:2' 'a -> b -> a' &&
        refuses 64 ctl head-office care apply "$tap_dir/loop.conf" --as admin \
            -- 'a -> b -> a'
}

# sed SCRIPT: the rules that ship, with a mistake
broken()
{
    sed "$1" "$rules" >"$tap_dir/broken.conf"
    ! cmp -s "$rules" "$tap_dir/broken.conf" || return 1
    shift
    refuses 64 ctl head-office care check "$tap_dir/broken.conf" -- "$@"
}

refuses_what_makes_no_sense()
{
    broken 's/祝您{holiday}快乐/新品到店/' '"新品"' 'holiday' &&
        broken 's/祝您{holiday}快乐/只要99元/' '99元' &&
        broken 's/signature = "{shop} {rep}"/signature = "{shop}"/' \
            '{shop} and {rep}' &&
        broken 's/template = "winback"/template = "winbakc"/' \
            'there is no such template' &&
        broken 's/tier = "gold"/tier = "golden"/' '"golden" is no value' &&
        broken 's/cycle_days = 14; action = "visit"; title = "定/action = "visit"; title = "定/' \
            'it needs cycle_days' &&
        broken 's/days = "1-5"/days = "1-8"/' 'days are written'
}

world()
{
    world_head_office "Care" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office user add mei --role rep --unit east \
            --territories e-1 --name Mei &&
        ctl head-office user add mia --role manager --unit east &&
        printf '%s\n' "name,territory,owner,phone_main" \
            "Alpha,e-1,mei,13812345601" "Beta,e-1,mei,13812345602" \
            "Gamma,e-1,mei,13812345603" "Delta,e-1,mei,13812345604" \
            >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin
}

in_force()
{
    fails 0 ctl head-office care apply "$rules" --as admin --json &&
        holds 'd["new"] == d["items"] > 30 and d["changed"] == 0' &&
        fails 0 ctl head-office care apply "$rules" --as admin --json &&
        holds 'd["new"] == 0 and d["changed"] == 0' &&
        sed 's/cycle_days = 14/cycle_days = 15/' "$rules" \
            >"$tap_dir/more.conf" &&
        refuses 1 ctl head-office care apply "$tap_dir/more.conf" --as mia -- \
            'nothing was changed'
}

devices()
{
    world_branch east && ctl east uplink now &&
        world_device phone east mei && rep phone sync &&
        world_device tablet east mei && rep tablet sync &&
        ctl east uplink now
}

# ---- one event, two devices -------------------------------------------------

one_task()
{
    rep phone record add purchase --of Alpha "date=$today" "amount=2000.00 CNY" &&
        rep phone record add purchase --of Beta "date=$today" "amount=1999.99 CNY" &&
        both_sync &&
        asks phone care due && holds 'len([i for i in d["items"] if
            i["rule"] == "big-purchase"]) == 1 and d["made"] >= 1' &&
        asks tablet care due && holds 'd["made"] >= 1' && both_sync &&
        records phone task Alpha &&
        holds 'len([t for t in d if t["kind"] == "return_call"]) == 1' &&
        holds 'not any(t["conflict"] for t in d)' &&
        records tablet task Beta && holds 'd == []' &&
        asks phone rejected && holds 'd["count"] == 0' &&
        asks tablet rejected && holds 'd["count"] == 0'
}

one_referral()
{
    rep tablet record add relationship --of Alpha type=refers to=Beta && both_sync &&
        asks phone care draft && asks tablet care draft &&
        asks phone care due && asks tablet care due && both_sync &&
        records phone message Beta && holds 'len(d) == 1' &&
        holds '"Beta" in d[0]["text"] and d[0]["text"].endswith("east Mei")' &&
        records phone message Alpha && holds 'len(d) == 1' &&
        records phone task Beta && holds 'len(d) == 1'
}

one_letter()
{
    rep phone record add purchase --of Gamma "date=$today" "amount=6000 CNY" &&
        rep tablet record add purchase --of Gamma "date=$today" "amount=6000 CNY" &&
        asks phone care draft &&
        holds 'not [i for i in d["items"] if i["rule"] == "spend-10000"]' &&
        both_sync && asks phone care draft &&
        holds 'len([i for i in d["items"] if i["rule"] == "spend-10000"]) == 1' &&
        asks tablet care draft && both_sync && records phone message Gamma &&
        holds 'len(d) == 1 and d[0]["state"] == "drafted"'
}

# ---- another policy ---------------------------------------------------------

born() # DEVICE NAME
{
    rep "$1" contact add Delta "$2" \
        "consent_birthday=state=given; at=${today}T00:00:00Z" \
        "birthday=calendar=solar; month=$((10#${today:5:2})); day=$((10#${today:8:2}))" \
        phones+=13812345699
}

a_birthday_is_a_call()
{
    born phone "Wang Fang" && asks phone care due &&
        holds '[i["what"] for i in d["items"]
            if i["rule"] == "birthday"] == ["task"]' &&
        asks phone care draft --dry-run &&
        holds 'not [i for i in d["items"] if i["rule"].startswith("birth")
            and i["what"] == "message"]'
}

a_birthday_is_a_message()
{
    printf '%s\n' 'care_rule = ( { name = "birthday"; policy = "birthday";
        kind = "birthday"; by = "closest"; ahead_days = 3; lapse_days = 3;
        action = "message"; template = "birthday"; } );' \
        >"$tap_dir/birthday.conf"
    fails 0 ctl head-office care apply "$tap_dir/birthday.conf" --as admin \
        --json && holds 'd["changed"] == 1' && ctl east uplink now &&
        both_sync && asks tablet care draft &&
        holds '[(i["what"], i["name"], i["state"]) for i in d["items"]
            if i["rule"] == "birthday"] == [("message", "Wang Fang",
            "drafted")]'
}

# ---- out --------------------------------------------------------------------

a_no_comes_first()
{
    local contact
    both_sync && asks phone contact list Delta &&
        contact=$(json 'd["records"][0]["id"]') &&
        rep phone contact edit "$contact" \
            "consent_messages=state=withdrawn; at=${today}T00:00:00Z" &&
        both_sync &&
        asks tablet care export --at 2026-04-22T12:00 \
            --out "$tap_dir/none.jsonl" &&
        holds '[m["why_en"] for m in d["messages"] if m["account"] == "Delta"]
            == ["the customer opted out"]' &&
        ! grep -q Delta "$tap_dir/none.jsonl"
}

keeps_to_the_window()
{
    # The tablet handed out what it had drafted; the phone writes another.
    rep phone record add relationship --of Gamma type=refers to=Delta &&
        asks phone care draft &&
        asks phone care export --at 2026-04-21T15:10 --out "$tap_dir/late" &&
        holds 'd["exported"] == 0 and d["count"] > 0' &&
        holds 'all(m["why_en"] != "may go now" for m in d["messages"])' &&
        [ ! -e "$tap_dir/late" ]
}

sent_when_confirmed()
{
    local message
    asks phone care export --at 2026-04-22T12:00 --out "$tap_dir/out.jsonl" &&
        holds 'd["exported"] >= 1' &&
        message=$(json '[m["id"] for m in d["messages"] if m["goes"]][0]') &&
        grep -q "$message" "$tap_dir/out.jsonl" &&
        refuses 64 rep phone care export --out "$tap_dir/out.jsonl" -- \
            'there already' &&
        fails 0 rep phone care due --all --json &&
        holds '[i["state"] for i in d["items"] if i["id"] == "'"$message"'"]
            == ["exported"]' &&
        rep phone care confirm "$message" &&
        refuses 1 rep phone care confirm "$message" -- 'is confirmed' &&
        fails 0 rep phone care due --all --json &&
        holds '[i["state"] for i in d["items"] if i["id"] == "'"$message"'"]
            == ["confirmed"]' && rep phone sync
}

a_promise_has_its_date()
{
    refuses 1 rep phone care call Alpha --outcome promise --promise "samples" \
        -- 'a promise needs its date' &&
        rep phone care call Alpha --outcome promise --promise "a; b=c" \
            --due 2026-12-24 && records phone task Alpha &&
        holds '[t["due"] for t in d if t["kind"] == "promise"] ==
            ["2026-12-24"]' && rep phone sync &&
        asks phone rejected && holds 'd["count"] == 0'
}

check "head office and its people are there" world
check "bad input: a rule that loops is refused" refuses_a_loop
check "bad input: what makes no sense is named" refuses_what_makes_no_sense
check "head office puts rules in force, and again without a change" in_force
check "two devices of one rep have them" devices
check "cap 22: the same purchase on two devices makes one task" one_task
check "cap 24: a referral makes two drafts and one task" one_referral
check "cap 25: purchases on two devices that cross the line: one letter" \
    one_letter
check "cap 28: a birthday is a call" a_birthday_is_a_call
check "cap 28: another policy reaches the devices" a_birthday_is_a_message
check "cap 32: a no that was heard offline beats a draft" a_no_comes_first
check "cap 33: a message waits for its window" keeps_to_the_window
check "cap 43: only what was confirmed counts as sent" sent_when_confirmed
check "cap 23: a promise without its date is refused" a_promise_has_its_date
tap_done
