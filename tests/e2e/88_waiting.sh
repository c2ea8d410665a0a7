#!/usr/bin/env bash
# Goal: what a leaver's device hands in after the revocation is decided by a
# person, and then by the roles and accounts that she had when she did it.
# A visit and its later edits wait at the branch that would judge them; released
# they count, and are on her successor's device; what is refused lies in her
# tray; what is no evidence (a change of the account itself) is judged as of
# today, and refused.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Waiting" &&
        ctl head-office branch add east --territories t-1,t-2 &&
        ctl head-office user add lea --role rep --unit east \
            --territories t-1 &&
        ctl head-office user add tom --role rep --unit east \
            --territories t-2 &&
        ctl head-office user add mia --role manager --unit east &&
        printf '%s\n' "name,territory,owner" "Tea House,t-1," \
            "Hers Alone,,lea" >"$tap_dir/a.csv" &&
        ctl head-office import accounts "$tap_dir/a.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in lea tom mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
}

# A visit that begins and ends, a note that is changed, one of no use, a
# change of the account, and a note about one that is hers by owner alone.
works()
{
    rep lea visit start "Tea House" &&
        rep lea visit end --outcome promise --next today &&
        rep lea note add "Tea House" "first words" &&
        note=$(rep lea note list "Tea House" --ids) &&
        rep lea note edit "$note" "text=second words" &&
        rep lea note add "Tea House" "not for others" &&
        rep lea account edit "Tea House" industry=tea &&
        rep lea note add "Hers Alone" "moving on"
}

# Rosters of other units take numbers too, which her device has heard of.
leaves()
{
    ctl head-office handover lea --to tom --as admin &&
        ctl east uplink now &&
        refuses 1 rep lea sync -- "revoked" "handed in for review: 7"
}

# waiting: the list at the branch, without its head; numbers are hers.
waiting()
{
    ctl east waiting list --as mia --json >"$said" &&
        python3 - "$said" <<'PYTHON'
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
at = {c: i for i, c in enumerate(d["columns"])}
for r in d["rows"]:
    print(r[at["replica"]], r[at["number"]], r[at["judge"]],
        r[at["decide_now"]], r[at["what"]].split(":")[0], sep="\t")
PYTHON
}

# Each has its judge: the branch, device number 2.
all_wait()
{
    waiting >"$tap_dir/waiting" && cat "$tap_dir/waiting" &&
        [ "$(cut -f 2- "$tap_dir/waiting")" = "$(printf '%s\t2\tyes\t%s\n' \
            1 visit 2 visit 3 note 4 note 5 note 6 account 7 note)" ] &&
        replica=$(head -n 1 "$tap_dir/waiting" | cut -f 1)
}

decide() # release|refuse NUMBER VERDICT
{
    fails 0 ctl east waiting "$1" "$replica" "$2" --as mia &&
        says "verdict: $3"
}

only_who_may()
{
    refuses 1 ctl east waiting release "$replica" 1 --as tom -- \
        "manages devices" &&
        refuses 1 ctl east waiting release "$replica" 9 --as mia -- \
            "no such commit"
}

# The edit first: it waits for the visit, and counts when that does.
released()
{
    decide release 2 deferred && decide release 1 accepted &&
        decide release 3 accepted && decide release 4 accepted &&
        decide release 7 accepted &&
        waiting >"$tap_dir/waiting" &&
        [ "$(cut -f 2 "$tap_dir/waiting" | tr '\n' ' ')" = "5 6 " ]
}

# It is there for who works there now.
counts()
{
    rep tom sync && fails 0 rep tom visit list "Tea House" &&
        says Promise && fails 0 rep tom note list "Tea House" &&
        says "second words" && ! grep "first words" "$said" &&
        ! grep "not for others" "$said" &&
        fails 0 rep tom note list "Hers Alone" && says "moving on"
}

refused()
{
    decide refuse 5 refused && says SP_E_DECLINED &&
        decide release 6 refused && says SP_E_DENIED &&
        waiting >"$tap_dir/waiting" && [ ! -s "$tap_dir/waiting" ] &&
        fails 0 ctl east show --json &&
        [ "$(python3 -c 'import json, sys
print([r[1] for r in json.load(open(sys.argv[1]))["rows"]
    if r[0] == "rejected"])' "$said")" = "[2]" ]
}

same_above()
{
    ctl east uplink now && fails 0 ctl head-office waiting list --as admin &&
        ! grep -q "note" "$said" && rep tom sync &&
        fails 0 rep tom sync --json && says '"alarms": 0' &&
        fails 0 rep tom note list "Tea House" && says "second words"
}

check "a branch, two reps and their manager" world
check "they enrol and sync" devices
check "one of them works, and has not sent it" works
check "she leaves; her device hands it in" leaves
check "seven edits wait, each with its judge" all_wait
check "only who manages devices decides, and about what waits" only_who_may
check "released, a visit and its later edit are accepted" released
check "and are on the successor's device" counts
check "what is refused lies in her tray; an account goes by today" refused
check "head office has the same" same_above
tap_done
