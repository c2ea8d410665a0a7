#!/usr/bin/env bash
# Goal: before a policy or a territory changes, head office sees who gains and
# who loses what, and who may have edits that it does not know; what it then
# does is that. A policy that is old, unsigned, wrongly signed, or shuts every
# administrator out is refused with the reason, and nothing has changed.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
policy=$tap_dir/policy.conf
signed=$tap_dir/policy.signed

world()
{
    world_head_office "Policy" &&
        ctl head-office branch add east --territories t-ann,t-bob &&
        ctl head-office branch add west --territories t-cid &&
        ctl head-office user add ann --role rep --unit east \
            --territories t-ann &&
        ctl head-office user add bob --role rep --unit east \
            --territories t-bob &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office sample accounts --seed 87 --count 20 \
            --territories t-ann,t-bob >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        ctl head-office policy export --out "$policy" &&
        ctl head-office policy export --signed --out "$signed"
}

# rows FILE EXPRESSION: of the table in that result, as `r`.
rows()
{
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
r = [dict(zip(d["columns"], row)) for row in d["rows"]]
assert eval("(" + sys.argv[2] + ")"), r' "$1" "$2"
}

serial() { ctl head-office policy check "$policy" --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["in_force"])'; }

without_phone()
{
    python3 -B - "$policy" "$tap_dir/less.conf" <<'END'
import sys
s = open(sys.argv[1], encoding="utf-8").read()
at = s.index("rule = 101;")
end = s.index("rule = 102;", at)
rule = s[at:end]
assert rule.count('"phone_main", ') == 2, rule
open(sys.argv[2], "w", encoding="utf-8").write(
    s[:at] + rule.replace('"phone_main", ', "") + s[end:])
END
}

tells_the_loss()
{
    ctl head-office policy apply "$tap_dir/less.conf" --dry-run --json \
        >"$tap_dir/dry" &&
        rows "$tap_dir/dry" 'd["people"] == 2 and
            d["records_that_change_server"] == 0 and
            {x["person"] for x in r} == {"ann", "bob"} and
            all(x["change"] == "loses" and x["entity"] == "account" and
                x["fields"] == "phone_main" for x in r) and
            sum(x["records"] for x in r) == 20'
}

nothing_changed() { [ "$(serial)" = 1 ]; }

applies()
{
    ctl head-office policy apply "$tap_dir/less.conf" &&
        [ "$(serial)" = 2 ]
}

no_manager()
{
    sed 's/manages = \[[^]]*\];//' "$policy" >"$tap_dir/locked.conf" &&
        fails 64 ctl head-office policy apply "$tap_dir/locked.conf" &&
        says manage
}

old_one() { fails 1 ctl head-office policy apply "$signed" &&
    says "serial 1 is not newer than 2"; }

forged()
{
    # The last digits are of the signature.
    sed 's/......$/000000/' "$signed" >"$tap_dir/forged" &&
        fails 1 ctl head-office policy apply "$tap_dir/forged" &&
        says "nothing"
}

unknown_field()
{
    sed '0,/"phone_main"/s//"telephone"/' "$policy" >"$tap_dir/wrong.conf" &&
        fails 64 ctl head-office policy apply "$tap_dir/wrong.conf" &&
        says telephone
}

tells_the_move()
{
    ctl head-office territory give t-ann --to bob --dry-run --json \
        >"$tap_dir/dry" &&
        rows "$tap_dir/dry" 'd["people"] == 2 and
            {(x["person"], x["change"]) for x in r} ==
                {("ann", "loses"), ("bob", "gains")}' &&
        ctl head-office territory give t-ann --to bob &&
        ctl head-office user list --json >"$tap_dir/users" &&
        rows "$tap_dir/users" \
            '[x["territories"] for x in r if x["login"] == "bob"] ==
                [["t-ann", "t-bob"]]'
}

tells_the_branch()
{
    ctl head-office territory move t-ann --to west --dry-run --json \
        >"$tap_dir/dry" &&
        rows "$tap_dir/dry" '{(x["person"], x["change"]) for x in r} ==
            {("mia", "loses")}' &&
        ctl head-office territory move t-ann --to west
}

shares()
{
    fails 64 ctl head-office user share ann --territory t-bob \
        --until 2001-02-03 && says "over" &&
        fails 64 ctl head-office user share ann --until 2999-01-01 &&
        ctl head-office user share ann --territory t-bob --until 2999-01-01 \
            --dry-run --json >"$tap_dir/dry" &&
        rows "$tap_dir/dry" '{(x["person"], x["change"]) for x in r} ==
            {("ann", "gains")}' &&
        ctl head-office user share ann --territory t-bob --until 2999-01-01 &&
        ctl head-office user share ann --territory t-bob --end &&
        fails 1 ctl head-office user share ann --territory t-bob --end
}

roster_serial()
{
    ctl head-office status --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["documents"]["roster"])'
}

# What names nothing is refused with its name, where to look, and no new edition
# of a roster.
nowhere()
{
    local before kind
    before=$(roster_serial) && [ "$before" -gt 0 ] || return 1
    for kind in territory unit region; do
        refuses 64 ctl head-office user set ann --extra "$kind:nowhere" -- \
            "\"$kind:nowhere\"" "territory list, unit list" || return 1
    done
    refuses 64 ctl head-office user set ann --extra "planet:t-ann" -- \
        "planet:t-ann" &&
        refuses 1 ctl head-office user set ann --territories t-ann,nowhere -- \
            '"nowhere"' "territory list" &&
        refuses 1 ctl head-office user set ann --unit nowhere -- \
            '"nowhere"' "unit list" &&
        refuses 1 ctl head-office user set ann --role nothing -- \
            '"nothing"' "role list" &&
        refuses 1 ctl head-office user add new --role rep --unit nowhere -- \
            '"nowhere"' "unit list" &&
        refuses 1 ctl head-office territory move nowhere --to west -- \
            '"nowhere"' "territory list" &&
        refuses 1 ctl head-office territory move t-ann --to nowhere -- \
            nowhere "unit list" &&
        refuses 1 ctl head-office territory give t-ann --to nobody -- nobody &&
        refuses 1 ctl head-office territory give nowhere --to bob -- \
            '"nowhere"' &&
        refuses 1 ctl head-office user share ann --territory nowhere \
            --until 2999-01-01 -- '"nowhere"' "territory list" &&
        refuses 1 ctl head-office user share nobody --territory t-bob \
            --until 2999-01-01 -- nobody &&
        [ "$(roster_serial)" = "$before" ]
}

# The text alone is no policy at a branch; what head office signed is.
at_a_branch()
{
    world_branch east && ctl east uplink now &&
        refuses 1 ctl east policy apply "$tap_dir/less.conf" -- \
            "head office" &&
        refuses 1 ctl east policy apply "$tap_dir/less.conf" --dry-run -- \
            "head office" &&
        ctl head-office policy apply "$policy" &&
        ctl head-office policy export --signed --out "$signed" &&
        sed 's/......$/000000/' "$signed" >"$tap_dir/forged" &&
        refuses 1 ctl east policy apply "$tap_dir/forged" -- \
            "signed" "nothing" &&
        fails 0 ctl east policy check "$policy" --json &&
        says '"in_force":2' && ctl east policy apply "$signed" &&
        fails 0 ctl east policy check "$policy" --json && says '"in_force":3'
}

check "(a head office with two branches and twenty accounts)" world
check "(a policy under which reps see no phone)" without_phone
check "a dry run tells who loses what, of how many records" tells_the_loss
check "and changes nothing" nothing_changed
check "without it the policy is in force, one serial on" applies
check "an older one is refused with both serials" old_one
check "one that was tampered with is refused" forged
check "one under which nobody manages is refused" no_manager
check "one that names a field that is not there is refused" unknown_field
check "a territory goes to another person, foretold" tells_the_move
check "and to another branch" tells_the_branch
check "a share up to a day, and its end" shares
check "what is not there cannot be named: territory, unit, region, role" \
    nowhere
check "a branch takes a policy that head office signed, and no text" \
    at_a_branch
tap_done
