#!/usr/bin/env bash
# Goal: a branch's evening and head office's morning. Two reps and their
# manager: a field that both wrote, a change that was refused and shown to the
# manager, a customer who was entered twice, a check-in that could not be
# verified. The branch's console counts them and names who is to act; the
# manager's device has them on one screen, the customer with the most money
# first, decides them with a reason, and takes one back. One rep has not come
# in: the day is closed as of now, names him, and stays so when he comes. Next
# morning head office says which branches its figures are of, and as of when.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Evening" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office branch add west --territories w-1 &&
        ctl head-office user add ann --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add bob --role rep --unit east \
            --territories e-1,e-2 &&
        ctl head-office user add cai --role rep --unit east \
            --territories e-2 &&
        ctl head-office user add mia --role manager --unit east &&
        printf '%s\n' "name,territory_id,phone_main" \
            "Tea House,e-1,13811110000" "Book Shop,e-1,13822220000" \
            "Corner Bar,e-1,13833330000" >"$tap_dir/shops.csv" &&
        ctl head-office import account "$tap_dir/shops.csv" --as admin &&
        world_branch east && world_branch west && ctl east uplink now
}

devices()
{
    local user
    for user in ann bob cai mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
    rep ann record add purchase --of "Corner Bar" date=today \
        "amount=900.00 CNY"
}

# The day of both: each does his work without the other's.
works()
{
    rep ann account edit "Tea House" phone_main=13811110001 &&
        rep bob account edit "Tea House" phone_main=13811110002 &&
        rep ann account edit "Corner Bar" phone_main=13833330001 &&
        rep bob account edit "Corner Bar" phone_main=13833330002 &&
        rep ann visit start "Book Shop" && rep ann visit end \
            --outcome promise --next today &&
        rep bob account add "Book Shop." phone_main=13899990000 \
            territory_id=e-2 --anyway &&
        rep ann account edit "Book Shop" industry=books
}

# Meanwhile the shop goes to another territory, which Ann has not heard.
refused()
{
    shop=$(rep mia account list "Book Shop" --ids --limit 1) &&
        ctl east account assign "$shop" --as mia --territory e-2 &&
        rep ann sync && fails 0 rep ann inbox --kind rejected --json &&
        holds 'd["total"] == 1 and d["items"][0]["decisions"] ==
            ["resend", "ask", "discard"]' &&
        rep ann inbox decide "$(json 'd["items"][0]["key"]')" --as ask \
            --reason "they sell books" &&
        rep ann sync && rep bob sync && rep mia sync
}

arrived()
{
    fails 0 ctl east branch arrivals --as mia --json &&
        holds 'd["devices"] == 4 and d["came_in"] == 4 and
            d["missing"] == []' &&
        holds 'all(r[8] == "in" and r[6] == "not known" for r in d["rows"])' &&
        # Who came today was not in on the day after; on the one before it
        # is not known, unless something was handed in then.
        fails 0 ctl east branch arrivals --as mia --date 2031-01-01 --json &&
        holds 'd["came_in"] == 0 and len(d["missing"]) == 4' &&
        fails 0 ctl east branch arrivals --as mia --date 2020-01-01 --json &&
        holds 'd["came_in"] == 0 and d["missing"] == [] and
            d["not_known"] == 4'
}

# On the day of a lost one nobody waits for it.
lost()
{
    local device
    device=$(ctl east device list --json >"$said" &&
        json '[r[0] for r in d["rows"] if "cai" in r][0]') &&
        ctl east device revoke "$device" --lost &&
        fails 0 ctl east branch arrivals --as mia --json &&
        holds 'd["lost"] == 1 and d["devices"] == 3'
}

# What waits, how long, and who is to act.
checklist()
{
    fails 0 ctl east branch inbox --as mia --json &&
        holds 'dict((r[0], r[1]) for r in d["rows"]) == {"waiting": 0,
            "quarantined": 0, "unproven": 0, "conflict": 2, "asked": 1,
            "duplicate": 1, "checkin": 1, "export": 0} and d["total"] == 5' &&
        holds 'all(r[4] == ["mia"] for r in d["rows"][1:-1])' &&
        refuses 1 ctl east branch inbox --as ann -- "manages devices" &&
        refuses 1 ctl head-office branch inbox --as mia -- "server of"
}

# A request to take data out waits for a second person, who is not its author.
approval()
{
    local request
    fails 0 ctl east exports request csv contact --as ann --with-p3 \
        --why "spring list" --json || return 1
    request=$(json 'd["request"]') &&
        fails 0 ctl east branch inbox --as mia --json &&
        holds '[(r[1], "mia" in r[4], "ann" in r[4]) for r in d["rows"]
            if r[0] == "export"] == [(1, True, False)]' &&
        ctl east exports approve "$request" --as mia --refuse \
            --reason "ask marketing" &&
        fails 0 ctl east branch inbox --as mia --json &&
        holds '[r[1] for r in d["rows"] if r[0] == "export"] == [0]'
}

screen()
{
    fails 0 rep mia inbox --json &&
        holds 'sorted(i["kind"] for i in d["items"]) == ["asked", "checkin",
            "conflict", "conflict", "duplicate"]' &&
        holds 'd["items"][0]["title"] == "Corner Bar" and
            d["items"][0]["money"] == [
                {"currency": "CNY", "minor": 90000}]' &&
        fails 0 rep mia inbox --lang zh && says "冲突" "重复" "签到" &&
        fails 0 rep mia inbox --kind conflict --limit 1 --json &&
        holds 'd["count"] == 1 and d["total"] == 2' &&
        refuses 64 rep mia inbox --kind letters -- "checkin"
}

# keys KIND: of all that wait of it.
keys()
{
    rep mia inbox --kind "$1" --json >"$tap_dir/keys" &&
        json '" ".join(i["key"] for i in d["items"])' "$tap_dir/keys"
}

decides()
{
    local both
    both=$(keys conflict) || return 1
    # shellcheck disable=SC2086
    fails 0 rep mia inbox decide $both --as take --reason "I called" \
        --dry-run --json && holds 'd["done"] == 2 and d["dry_run"]' &&
        [ "$(keys conflict)" = "$both" ] &&
        refuses 64 rep mia inbox decide $both --as take -- "reason" &&
        refuses 64 rep mia inbox decide $both --as merge --reason x -- \
            "knows no" &&
        refuses 1 rep mia inbox decide $both zzzz --as take --reason x -- \
            "nothing waits" &&
        [ "$(keys conflict)" = "$both" ] &&
        fails 0 rep mia inbox decide $both --as take --reason "I called" \
            --json && holds 'd["done"] == 2' &&
        undo=$(json 'd["items"][0]["undo"]') && [ -z "$(keys conflict)" ] &&
        rep mia inbox decide "$(keys asked)" --as enter --reason "so it is" &&
        rep mia inbox decide "$(keys checkin)" --as accept \
            --reason "no sky in the arcade" &&
        fails 0 rep mia inbox decide "$(keys duplicate)" --as not-same \
            --reason "two floors" && says "done" "remark=" &&
        fails 0 rep mia inbox --json && holds 'd["total"] == 0'
}

# What was decided is taken back by the command that was named.
takes_back()
{
    # shellcheck disable=SC2086
    rep mia ${undo#satchel } && [ "$(keys conflict | wc -w)" -eq 1 ] &&
        rep mia inbox decide "$(keys conflict)" --as keep --reason "asked" &&
        rep mia sync && rep ann sync && rep bob sync &&
        # The reasons are with the customer, for the reps too.
        rep bob note list "Tea House" >"$said" && says "I called" &&
        fails 0 rep ann inbox --kind rejected --json &&
        holds 'd["total"] == 1 and
            "so it is" in [l["text"] for l in d["items"][0]["lines"]]' &&
        fails 0 rep ann inbox --kind duplicate --json &&
        holds 'd["total"] == 0' &&
        fails 0 ctl east branch inbox --as mia --json &&
        holds 'd["total"] == 0'
}

# A day that nobody but the others has come in on is written by hand: yesterday
# and tomorrow are other days. Dan's device has been enrolled, and never synced.
closes()
{
    ctl head-office user add dan --role rep --unit east --territories e-2 &&
        ctl east uplink now && world_device dan east dan &&
        fails 0 ctl east branch close --as mia --json &&
        holds 'd["closed_before"] is False and d["visits"] == 1 and
            d["purchases"] == 1 and d["purchases_sums"] == "900.00 CNY"' &&
        holds 'd["missing"][0].startswith("dan (")' &&
        cp "$said" "$tap_dir/closed" &&
        rep dan sync && rep ann visit start "Tea House" && rep ann sync &&
        fails 0 ctl east branch close --as mia --json &&
        holds 'd["closed_before"] is True and d["visits"] == 1 and
            d["missing"][0].startswith("dan (")' &&
        [ "$(json 'd["as_of"]')" = "$(json 'd["as_of"]' "$tap_dir/closed")" ] &&
        server_stop east && server_start east &&
        fails 0 ctl east branch close --as mia &&
        says "closed before" "dan (" &&
        refuses 64 ctl east branch close --as mia --date 2099-01-01 -- \
            "has not come" &&
        refuses 1 ctl east branch close --as ann -- "manages devices"
}

# Head office has heard of the west when it was made, and of the east at night.
morning()
{
    ctl east uplink now && fails 0 ctl head-office freshness --json &&
        holds '[r[0] for r in d["rows"]] == ["east", "west"]' &&
        holds 'all(r[2] == "in" for r in d["rows"])' &&
        holds 'd["rows"][0][3] > 0 and d["rows"][0][4] == 0 and
            d["rows"][0][6] == 4 and d["rows"][0][7] >= 3' &&
        holds 'd["branches"] == 2 and d["branches_in"] == 2' &&
        ctl head-office branch add north --territories n-1 &&
        # One that never came is one of all, but not of those that are in.
        world_branch north && fails 0 ctl head-office freshness --json &&
        holds 'd["branches"] == 3' &&
        refuses 1 ctl east freshness -- "head office"
}

stamped()
{
    local report
    for report in "show" "exports --as admin" "quality board --as admin" \
        "conflicts --as mia" "account list --as mia" "branch close --as admin"
    do
        # shellcheck disable=SC2086
        fails 0 ctl head-office $report --json &&
            holds '"branches, as of 20" in d["freshness"] and
                d["branches"] == 3' || return 1
    done
    fails 0 ctl head-office quality board --as admin --lang zh &&
        says "家分公司，截至" &&
        fails 0 ctl east show --json && holds '"freshness" not in d'
}

check "a head office, two branches, three reps and a manager" world
check "they enrol and sync" devices
check "two reps work, without each other's changes" works
check "one change is refused, and shown to the manager" refused
check "all have come in; of another day it is not pretended" arrived
check "the branch counts what waits, and names who is to act" checklist
check "the branch counts exports that wait for a second person" approval
check "the manager has it on one screen, most money first" screen
check "he decides with a reason, all or the clear rest" decides
check "one is taken back, and decided otherwise" takes_back
check "a lost device is no missing one" lost
check "the day is closed, names who is missing, and stays closed" closes
check "next morning head office knows which branches are in" morning
check "every report says of how many branches, and as of when" stamped
tap_done
