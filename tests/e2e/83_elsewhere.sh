#!/usr/bin/env bash
# Goal: a rep hands her edits in where she happens to be. Head office, which
# does not judge them, passes them to her branch; its words come back the same
# way: one edit is accepted, one refused, which she reads at head office, types
# anew and sends again. Then an account moves from one branch to the other, and
# both judge the same edit, differently: accepted wins at every server and on
# the device, and what lay among the rejected changes is withdrawn.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Elsewhere" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office branch add west --territories w-1 &&
        ctl head-office user add mei --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add wim --role manager --unit west &&
        printf '%s\n' "name,territory" "Alpha,e-1" "Beta,e-1" "Gamma,e-1" \
            "Delta,w-1" >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east && world_branch west && ctl east uplink now &&
        ctl west uplink now
}

devices()
{
    world_device mei east mei && rep mei sync &&
        world_device mia east mia && rep mia sync &&
        world_device wim west wim && rep wim sync &&
        alpha=$(rep mei account list Alpha --ids) &&
        beta=$(rep mei account list Beta --ids) &&
        gamma=$(rep mei account list Gamma --ids) &&
        # The others hear of the new devices.
        ctl east uplink now && ctl west uplink now && ctl east uplink now
}

# What satchelctl shows of a record at a server, as a manager.
at() # SERVER LOGIN ID
{
    ctl "$1" account show "$3" --as "$2" >"$said" 2>&1
}

# ---- handed in at head office -----------------------------------------------

# The branch has moved Beta to another rep's territory; head office has not
# heard of it.
beta_moves()
{
    rep mia account assign "$beta" --territory e-2 && rep mia sync
}

hands_in()
{
    rep mei account edit "$alpha" "industry=alpha handed in" &&
        rep mei account edit "$beta" "industry=beta handed in" &&
        fails 0 rep mei sync --unit "" --json && is 'd["pushed"]' 2 &&
        is 'd["refused"]' 0 &&
        fails 0 rep mei status --json && is 'd["pending"]' 0
}

not_judged_there()
{
    at head-office wim "$alpha"
    ! at head-office mia "$alpha" || ! grep "handed in" "$said"
}

branch_judges()
{
    ctl east uplink now && ctl east uplink now && at east mia "$alpha" &&
        says "alpha handed in" && at east mia "$beta" &&
        ! grep "handed in" "$said"
}

# She is still at head office.
words_come_back()
{
    fails 0 rep mei sync --unit "" &&
        fails 0 rep mei rejected --json && is 'd["count"]' 1 &&
        says "beta handed in" &&
        key=$(json 'd["rejected"][0]["key"]') &&
        ! rep mei rejected --json | grep "alpha handed in" &&
        fails 0 rep mei status --json && is 'd["deferred"]' 0
}

head_office_has_it()
{
    at head-office mia "$alpha" && says "alpha handed in" &&
        at head-office mia "$beta" && ! grep "handed in" "$said"
}

resent()
{
    rep mia account assign "$beta" --territory e-1 && rep mia sync &&
        rep mei sync && fails 0 rep mei rejected resend "$key" \
            "industry=typed anew" &&
        fails 0 rep mei sync --unit "" && ctl east uplink now &&
        ctl east uplink now && at east mia "$beta" &&
        says "typed anew" && fails 0 rep mei sync &&
        fails 0 rep mei rejected --json && is 'd["count"]' 0 &&
        fails 0 rep mei account show "$beta" && says "typed anew"
}

check "head office and two branches" world
check "devices enrol and sync" devices
check "the branch moves an account, head office does not know" beta_moves
check "two edits are handed in at head office" hands_in
check "which does not judge them" not_judged_there
check "the branch judges both: one accepted, one refused" branch_judges
check "its words reach her at head office" words_come_back
check "and head office applies what was accepted" head_office_has_it
check "the refused one is typed anew, sent again, and accepted" resent

# ---- judged twice -----------------------------------------------------------

# Gamma goes from east to west; west knows, east not yet.
gamma_moves()
{
    ctl head-office account assign "$gamma" --as admin --territory w-1 &&
        ctl west uplink now && at west wim "$gamma" && says Gamma &&
        at east mia "$gamma" && says "e-1"
}

# West does not know that she had it; head office does, and hands it on.
west_refuses()
{
    rep mei account edit "$gamma" "industry=judged twice" &&
        fails 0 rep mei sync --unit west --json && is 'd["pushed"]' 1 &&
        is 'd["deferred"]' 1 && ctl west uplink now &&
        fails 0 rep mei sync --unit west && fails 0 rep mei rejected --json && is 'd["count"]' 1 &&
        says "judged twice" && at west wim "$gamma" &&
        ! grep "judged twice" "$said"
}

east_accepts()
{
    fails 0 rep mei sync && at east mia "$gamma" && says "judged twice" &&
        fails 0 rep mei rejected --json && is 'd["count"]' 0
}

accepted_everywhere()
{
    local i
    for i in 1 2 3; do
        ctl east uplink now && ctl west uplink now || return 1
    done
    at head-office wim "$gamma" && says "judged twice" &&
        at west wim "$gamma" && says "judged twice" &&
        rep wim sync && fails 0 rep wim account show "$gamma" &&
        says "judged twice"
}

# Gamma is west's now: she does not hold it any more, and was not refused.
she_is_told_once()
{
    fails 0 rep mei sync && fails 0 rep mei sync --unit west &&
        fails 0 rep mei sync && fails 0 rep mei rejected --json &&
        is 'd["count"]' 0 && fails 1 rep mei account show "$gamma" &&
        fails 0 rep mei status --json && is 'd["refused"]' 0 &&
        is 'd["deferred"]' 0 && is 'd["alarms"]' 0
}

no_alarm()
{
    ! grep -E "alarms=[1-9]" "$world_dir"/*.log
}

quiet()
{
    local server
    for server in east west; do
        ctl "$server" uplink now >"$said" && says "nothing_to_do: yes" ||
            return 1
    done
}

check "an account moves to the other branch, which alone knows" gamma_moves
check "that one refuses her edit" west_refuses
check "her own, which has not heard, accepts it; nothing stays rejected" \
    east_accepts
check "accepted wins at every server, and on the other's device" \
    accepted_everywhere
check "she is told nothing else" she_is_told_once
check "the servers have nothing left to say" quiet
check "no proof failed" no_alarm
tap_done
