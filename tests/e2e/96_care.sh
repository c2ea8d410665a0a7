#!/usr/bin/env bash
# Goal: what head office plans for customers reaches the people who carry it
# out, with real processes: playbooks and routes of feedback are checked before
# they count; feedback about prices lands in head office's queue after the
# nightly exchange (cap 42); the branch prints at 18:00 who bought today (cap
# 44).
set -u
export TZ=Asia/Shanghai
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
today=$(date +%F)
rules=$SATCHEL_ROOT/server/policy/default/care.conf

# is EXPRESSION: holds for the document that was said, as `d`.
is()
{
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
assert eval("(" + sys.argv[2] + ")"), json.dumps(d, ensure_ascii=False)' \
        "$said" "$1"
}

# field EXPRESSION: of that document
field()
{
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
print(eval("(" + sys.argv[2] + ")"))' "$said" "$1"
}

# What it said lies in $said; too long to be shown with a failure.
asks() { fails 0 rep "$@" --json >/dev/null; }

world()
{
    world_head_office "Care" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office user add mei --role rep --unit east \
            --territories e-1 --name Mei &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add sue --role service &&
        ctl head-office user set sue --extra unit:east &&
        printf '%s\n' "name,territory,owner,phone_main" \
            "Alpha,e-1,mei,13812345601" "Beta,e-1,mei,13812345602" \
            "Gamma,e-1,mei,13812345603" "Delta,e-1,mei,13812345604" \
            >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        ctl head-office care apply "$rules" --as admin
}

devices()
{
    world_branch east && ctl east uplink now &&
        world_device phone east mei && rep phone sync &&
        world_device tablet east mei && rep tablet sync &&
        world_device desk east mia && rep desk sync
}

# wrong TEXT WORDS...: refused as a whole, and the line is named
wrong()
{
    printf '%s\n' "$1" >"$tap_dir/wrong.conf"
    shift
    refuses 64 ctl head-office care check "$tap_dir/wrong.conf" -- \
        'care.conf:1' "$@"
}

refuses_what_makes_no_sense()
{
    wrong 'playbook = ( { name = "x"; cycle_days = 3; action = "call"; } );' \
        'funnel status' &&
        wrong 'playbook = ( { name = "x"; funnel = "loyal"; cycle_days = 3; } );' \
            'needs an action' &&
        wrong 'playbook = ( { name = "x"; funnel = "loyal"; time_share = 60; }, { name = "y"; funnel = "closed"; time_share = 41; } );' \
            'more than 100' &&
        wrong 'care_rule = ( { name = "x"; kind = "feedback"; route = "region"; } );' \
            'needs tags' &&
        wrong 'care_rule = ( { name = "x"; kind = "feedback"; tags = [ "a" ]; } );' \
            'needs a route'
}

# ---- feedback ---------------------------------------------------------------

said_to_a_rep()
{
    rep phone record add feedback --of Alpha at=now "text=too dear" \
        "tags+=pricing policy" &&
        rep phone record add feedback --of Beta at=now "text=no parking" &&
        rep phone sync &&
        fails 0 ctl head-office --json feedback list --as sue &&
        is 'd["rows"] == []'
}

in_the_queue_after_the_night()
{
    ctl east uplink now &&
        fails 0 ctl head-office --json feedback list --as sue \
            --route head_office &&
        is '[(r[2], r[3], r[4], r[5]) for r in d["rows"]] ==
            [("head_office", "Alpha", "pricing policy", "too dear")]' &&
        fails 0 ctl head-office --json feedback list --as sue &&
        is '[r[2] for r in d["rows"]] == ["head_office", "region"]' &&
        refuses 64 ctl head-office feedback list --as sue --route moon -- \
            'no queue' &&
        fails 0 ctl head-office --json feedback list --as admin &&
        is 'd["rows"] == []'
}

# Her device is head office's, and has what her entry reaches.
answered_at_head_office()
{
    local one
    world_device hq head-office sue && rep hq sync &&
        asks hq feedback --route head_office && is 'd["count"] == 1' &&
        one=$(field 'd["feedback"][0]["id"]') &&
        rep hq feedback answer "$one" "the new list comes in May" &&
        rep hq sync && asks hq feedback --route head_office &&
        is 'd["count"] == 0' && ctl east uplink now && rep phone sync &&
        asks phone feedback && is 'd["count"] == 1' &&
        fails 0 rep phone feedback --lang zh && says "大区"
}

# ---- who bought today -------------------------------------------------------

who_bought_today()
{
    rep phone record add purchase --of Gamma "date=$today" "amount=80 CNY" \
        "paid=$today" number=G-1 &&
        rep phone record add purchase --of Delta "date=$today" \
            "amount=90.50 CNY" &&
        rep phone sync &&
        fails 0 ctl east --json care daily --as mia &&
        is 'sorted((r[0], r[1], r[2]) for r in d["rows"]) == [
            ("invite", "Gamma", "+8613812345603"),
            ("nudge", "Delta", "+8613812345604")]' &&
        fails 0 ctl east --json care daily --as mia --date 2026-01-01 &&
        is 'd["rows"] == []' && rep desk sync && asks desk care daily &&
        is '[(c["what"], c["account"], c["amount_minor"])
            for c in d["customers"]] ==
            [("nudge", "Delta", 9050), ("invite", "Gamma", 8000)]' &&
        refuses 64 rep desk care daily --date tomorow -- tomorow
}

# ---- numbers of people ------------------------------------------------------

contacts_are_counted()
{
    rep phone care call Alpha && rep phone care call Beta --outcome no_answer &&
        rep phone sync && rep desk sync && asks desk contacts &&
        is '[(p["name"], p["total"], p["callbacks"]) for p in d["people"]] ==
            [("Mei", 2, 2)]' &&
        asks desk record list activity && is 'd["total"] == 2' &&
        refuses 64 rep desk contacts --from 2026-03-02 --until 2026-03-01 -- \
            'ends before it begins'
}

time_has_its_plan()
{
    asks desk time --all --weeks 2 && is 'len(d["weeks"]) == 2' &&
        is 'all((w["old_new"]["target_first"],
            w["potential_interested"]["target_first"]) == (20, 20)
            for w in d["weeks"])' &&
        refuses 64 rep desk time --weeks 99 -- '1 to 53'
}

check "head office, a branch and their people are there" world
check "bad input: playbooks and routes that make no sense" \
    refuses_what_makes_no_sense
check "two devices of a rep, one of his manager" devices
check "feedback stays at the branch by day" said_to_a_rep
check "cap 42: pricing policy is in head office's queue after the exchange" \
    in_the_queue_after_the_night
check "an answer from head office takes it out of every queue" \
    answered_at_head_office
check "cap 44: the branch says who bought today" who_bought_today
check "cap 41: contacts equal the rows of activity" contacts_are_counted
check "cap 37: time stands beside the shares of the playbooks" \
    time_has_its_plan
tap_done
