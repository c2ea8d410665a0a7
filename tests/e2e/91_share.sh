#!/usr/bin/env bash
# Goal (cap 112): an account is shared with a colleague up to a day: it comes to
# his device with its history, he works there, and when the share is taken back
# or its day is over, it leaves his device at the next contact, though what he
# did out there while he had it counts. Nobody passes on what is shared with
# him. The same by hand at the server.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Shares" &&
        ctl head-office branch add east --territories t-1,t-2,t-3 &&
        ctl head-office user add ann --role rep --unit east \
            --territories t-1 &&
        ctl head-office user add ben --role rep --unit east \
            --territories t-2 &&
        ctl head-office user add mia --role manager --unit east &&
        printf '%s\n' "name,territory" "Tea House,t-1" "Far Shop,t-3" \
            >"$tap_dir/a.csv" &&
        ctl head-office import accounts "$tap_dir/a.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in ann ben mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
    rep ann visit start "Tea House" &&
        rep ann visit end --outcome promise --next today &&
        rep ann contact add "Tea House" "Wang" && rep ann sync &&
        rep ben sync && refuses 1 rep ben account show "Tea House" -- "Tea"
}

wrong_input()
{
    refuses 64 rep ann account share "Tea House" ben -- "--until" &&
        refuses 64 rep ann account share "Tea House" ben --until 2999-01-01 \
            --end -- "--until" &&
        refuses 1 rep ann account share "Tea House" ben --until 2001-02-03 \
            -- "over" &&
        refuses 1 rep ann account share "Tea House" ben --until 2999-02-30 \
            -- "2999-02-30" &&
        refuses 1 rep ann account share "Tea House" nobody \
            --until 2999-01-01 -- "nobody" &&
        refuses 1 rep ann account share "No House" ben --until 2999-01-01 \
            -- "No House" &&
        refuses 1 rep ann account share "Tea House" ben --end -- \
            "not shared with ben" &&
        fails 0 rep ann account shares "Tea House" --lang zh &&
        says "未共享给任何人"
}

arrives()
{
    rep ann account share "Tea House" ben --until 2999-06-01 &&
        rep ann account share "Tea House" ben --until 2999-01-01 &&
        rep ann sync && rep ben sync &&
        fails 0 rep ben account show "Tea House" && says t-1 &&
        fails 0 rep ben visit list "Tea House" && says Promise &&
        fails 0 rep ben contact list "Tea House" && says Wang &&
        fails 0 rep ben account shares "Tea House" --json &&
        holds '[(s["login"], s["until"]) for s in d["shares"]] ==
            [("ben", "2999-01-01")]'
}

works_there()
{
    rep ben account edit "Tea House" industry=tea && rep ben sync &&
        rep ann sync && fails 0 rep ann account show "Tea House" && says tea &&
        refuses 1 rep ben account share "Tea House" mia --until 2999-01-01 \
            -- "may not"
}

# Offline he makes a visit and an edit, while it is taken back.
taken_back()
{
    rep ben visit start "Tea House" && rep ben visit end --outcome order &&
        rep ben account edit "Tea House" industry=coffee &&
        rep ann account share "Tea House" ben --end && rep ann sync &&
        fails 0 rep ben sync --json &&
        holds '(d["accepted"], d["refused"]) == (2, 1)' &&
        refuses 1 rep ben account show "Tea House" -- "Tea" &&
        fails 0 rep ben contact list --json && holds 'd["count"] == 0' &&
        rep ann sync && fails 0 rep ann visit list "Tea House" &&
        says Order Promise && fails 0 rep ann account show "Tea House" &&
        ! grep coffee "$said"
}

# The day that the share names is over: nobody takes anything back.
over()
{
    rep ann account share "Tea House" ben --until 2999-01-01 &&
        rep ann sync && rep ben sync && rep ben account show "Tea House" &&
        rep ben note add "Tea House" "seen to" &&
        rep ann account edit "Tea House" shared= "shared+=3;2001-01-01" &&
        rep ann sync && fails 0 rep ben sync --json &&
        holds '(d["accepted"], d["refused"]) == (1, 0)' &&
        refuses 1 rep ben account show "Tea House" -- "Tea" &&
        fails 0 ctl east account shares "$(tea)" --as mia &&
        ! grep 2001 "$said" && rep ann sync &&
        fails 0 rep ann account shares "Tea House" --json &&
        holds 'd["count"] == 0' &&
        fails 0 rep ann note list "Tea House" && says "seen to" &&
        fails 0 rep ben sync --json && holds 'd["alarms"] == 0'
}

tea() { rep ann account list --ids; }
far() { rep mia account list "Far" --ids; }

by_hand()
{
    refuses 64 ctl east account share "$(far)" ben --as mia -- "--until" &&
        refuses 64 ctl east account share "$(far)" ben --as mia \
            --until 2999-13-01 -- "2999-13-01" &&
        refuses 1 ctl east account share "$(far)" nobody --as mia \
            --until 2999-01-01 -- nobody &&
        refuses 1 ctl east account share "$(far)" ben --as ann \
            --until 2999-01-01 -- "may not" &&
        refuses 1 ctl east account share "$(far)" ben --as mia --end -- \
            "not shared with ben" &&
        ctl east account share "$(far)" ben --as mia --until 2999-01-01 &&
        fails 0 ctl east account shares "$(far)" --as mia &&
        says ben 2999-01-01 && rep ben sync &&
        rep ben account show "Far Shop" &&
        ctl east account share "$(far)" ben --as mia --end && rep ben sync &&
        refuses 1 rep ben account show "Far Shop" -- "Far"
}

same_above()
{
    ctl east uplink now && fails 0 ctl east uplink now &&
        says "nothing_to_do: yes" &&
        fails 0 ctl head-office account shares "$(tea)" --as admin
    refuses 1 ctl head-office account shares "$(tea)" --as admin -- "may not"
}

check "a branch, two reps and their manager" world
check "one has a customer with a visit and a contact; the other has not" devices
check "what is wrong is refused, and says why" wrong_input
check "shared, it comes to the colleague's device with its history" arrives
check "he works there, and does not pass it on" works_there
check "taken back, it leaves his device; his visit counts, his edit does not" \
    taken_back
check "when its day is over, likewise, with nobody doing anything" over
check "by hand at the server" by_hand
check "head office has the same" same_above
tap_done
