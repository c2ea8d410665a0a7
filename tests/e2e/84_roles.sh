#!/usr/bin/env bash
# Goal: what a person may do changes between typing and sending. A manager who
# is a rep by the time he syncs: what only a manager may write is refused, and
# lies as typed among his rejected changes; what a rep may write is accepted. A
# field that his role loses is gone from the device's file after one sync, and
# comes back, with the values of the meantime, when the role has it again. A
# device that was away through all of it needs one sync as well.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Roles" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office user add max --role manager --unit east \
            --territories e-1 &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add rex --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add far --role rep --unit east \
            --territories e-1 &&
        ctl head-office sample accounts --seed 84 --count 20 \
            --territories e-1,e-2 >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in max mia rex far; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
    one=$(rep rex account list --ids --limit 1)
    two=$(rep rex account list --ids | sed -n 2p)
    [ -n "$two" ]
}

# The branch's log says who took records from it, and that head office did not.
read_is_logged()
{
    local user device
    for user in max mia rex far; do
        fails 0 rep "$user" status --json || return 1
        device=$(json 'd["device"]')
        grep -qE "audit event=handed_out device=$device user=[0-9]+ records=[1-9]" \
            "$world_dir/east.log" || {
            echo "no line of $user's device $device"
            return 1
        }
    done
}

# ---- a role that is less ----------------------------------------------------

edits_as_manager()
{
    rep max account edit "$one" "visit_cycle_days=30" &&
        rep max account edit "$two" "industry=a rep may" &&
        rep max account assign "$two" --territory e-2 &&
        rep max note add "$one" "seen as manager"
}

downgraded()
{
    ctl head-office user set max --role rep --territories e-1 &&
        ctl east uplink now
}

judged_as_rep()
{
    fails 0 rep max sync --json && is 'd["refused"]' 2 &&
        is 'd["alarms"]' 0 && is 'd["pending"]' 0 &&
        fails 0 rep max rejected --json && is 'd["count"]' 2 &&
        says visit_cycle_days territory_id &&
        fails 0 rep max account show "$two" && says "a rep may" "e-1" &&
        fails 0 rep mia sync && fails 0 rep mia account show "$one" &&
        ! grep -w "30" "$said" && fails 0 rep mia note list "$one" &&
        says "seen as manager"
}

# Of e-2, which he reached as a manager, nothing is left.
holds_less()
{
    rep max lock && look_into device max "$tap_dir/max" &&
        rep max unlock && fails 0 rep max account list --territory e-2 &&
        [ ! -s "$said" ] || return 1
    # Types 1 to 4 are records of customers; 240 are his own refused edits.
    ! grep -v "^240" "$tap_dir/max" | grep -F "$(hex e-2)" &&
        grep -qF "$(hex e-1)" "$tap_dir/max"
}

# ---- fields that come and go ------------------------------------------------

phone=+8613912345678
policy_without() # FIELD: reps neither read nor write it
{
    ctl head-office policy export --out "$tap_dir/policy.conf" &&
        cp "$tap_dir/policy.conf" "$tap_dir/policy.before" || return 1
    python3 - "$tap_dir/policy.conf" "$1" <<'END'
import re
import sys
path, field = sys.argv[1:]
text = open(path, encoding="utf-8").read()
start = text.index("rule = 101;")
end = text.index("rule = 102;")
part = re.sub(r'"%s",\s*' % field, "", text[start:end])
assert part != text[start:end]
open(path, "w", encoding="utf-8").write(text[:start] + part + text[end:])
END
    ctl head-office policy apply "$tap_dir/policy.conf" &&
        ctl east uplink now
}

policy_as_before()
{
    ctl head-office policy apply "$tap_dir/policy.before" &&
        ctl east uplink now
}

has_phone() # DEVICE: by the tables of its store
{
    rep "$1" lock && look_into device "$1" "$tap_dir/in" && rep "$1" unlock ||
        return 2
    cat "$tap_dir/in" "$tap_dir/in.entries" |
        grep -qF "$(hex "$phone")"
}

set_up_phone()
{
    rep mia account edit "$one" "phone_main=$phone" && rep mia sync &&
        rep rex sync && rep far sync && has_phone rex && has_phone far
}

narrowed()
{
    fails 0 rep rex sync --json && is 'd["alarms"]' 0 &&
        fails 0 rep rex account show "$one" --json &&
        ! grep "$phone" "$said" &&
        says "e-1" || return 1
    has_phone rex
    [ $? -eq 1 ]
}

raw_file_is_clean()
{
    ! grep -rqaF "${phone#+}" "$world_dir/rex" &&
        ! grep -rqaF "${phone#+}" "$world_dir/far"
}

changes_meanwhile()
{
    phone=+8613987654321
    rep mia account edit "$one" "phone_main=$phone" && rep mia sync &&
        fails 0 rep rex sync && ! has_phone rex
}

widened()
{
    fails 0 rep rex sync --json && is 'd["alarms"]' 0 &&
        echo "pulled $(json 'd["pulled"]')" &&
        fails 0 rep rex account show "$one" --json && says "$phone" &&
        fails 0 rep rex sync --json && is 'd["same"]' True
}

# Away since before the field went: one sync, and equal.
rejoins()
{
    rep far account edit "$one" "industry=from far away" &&
        fails 0 rep far sync --json && is 'd["alarms"]' 0 &&
        is 'd["refused"]' 0 && is 'd["pending"]' 0 &&
        fails 0 rep far account show "$one" --json &&
        says "$phone" "from far away" &&
        fails 0 rep far sync --json && is 'd["same"]' True
}

check "a branch with two managers and two reps" world
check "they enrol and sync" devices
check "what each took with him is in the log" read_is_logged
check "a manager edits, offline" edits_as_manager
check "by then he is a rep" downgraded
check "each edit is judged by what he is: two refused, two accepted" \
    judged_as_rep
check "nothing of what he reached as a manager is on his device" holds_less
check "(a phone number on two reps' devices)" set_up_phone
check "reps lose the field" policy_without phone_main
check "one sync later it is in no table of the device" narrowed
check "and its file shows it in no form" raw_file_is_clean
check "the value changes while they may not see it" changes_meanwhile
check "reps have the field again" policy_as_before
check "the value of today comes, and only then is all the same" widened
check "a device that was away through all of it needs one sync" rejoins
tap_done
