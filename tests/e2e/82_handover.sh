#!/usr/bin/env bash
# Goal: a rep leaves (cap 19), and her book goes to two successors: by territory,
# by list, and the rest in turn. The dry run shows every account with its
# successor; an incomplete plan does nothing; a command that is cut off has done
# all of it or nothing. Afterwards every account is on a successor's device.
# What the leaver had not sent is taken in at her next contact, waits for a
# person, and counts for nothing before; nothing else stays on her device. Each
# successor is told of each account, with what there is to know of it (cap 19).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

over() { ctl head-office handover lea --as admin "$@"; }

world()
{
    world_head_office "Handover" &&
        ctl head-office branch add east --territories t-1,t-2,t-tom,t-ben &&
        ctl head-office user add lea --role rep --unit east \
            --territories t-1,t-2 &&
        ctl head-office user add tom --role rep --unit east \
            --territories t-tom &&
        ctl head-office user add ben --role rep --unit east \
            --territories t-ben &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office sample accounts --seed 82 --count 60 \
            --territories t-1,t-2,t-tom,t-ben >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        printf '%s\n' "name,owner" "Hers Alone,lea" "Hers As Well,lea" \
            >"$tap_dir/own.csv" &&
        ctl head-office import accounts "$tap_dir/own.csv" --as admin &&
        ctl head-office account assign --as admin --from-territory t-1 \
            --owner lea &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in lea tom ben mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
    rep lea account list --ids | sort >"$tap_dir/book" &&
        rep tom account list --ids | sort >"$tap_dir/tom.before" &&
        rep ben account list --ids | sort >"$tap_dir/ben.before"
}

# Some of it sent, some not.
works()
{
    sent=$(rep lea account list --territory t-1 --ids --limit 1) &&
        rep lea note add "$sent" "sent in time" && rep lea sync &&
        rep lea visit start "$sent" &&
        rep lea visit end --outcome promise --next today &&
        rep lea note add "$sent" "not sent yet" &&
        rep lea account edit "$sent" "industry=not sent yet" &&
        ctl head-office account list --as mia --limit 1000 --json \
            >"$tap_dir/owned" &&
        hers=$(json 'sum(r[3] == "2" for r in d["rows"])' "$tap_dir/owned") &&
        [ "$hers" -gt 2 ]
}

is_active()
{
    ctl head-office user list >"$said" && grep "^2 *lea" "$said" | grep active
}

incomplete()
{
    refuses 64 over -- "who takes over" &&
        refuses 1 over --to tom=t-1 -- "would be nobody's" \
            "nothing was changed" &&
        refuses 1 over --to tom=t-1 --to ben=t-9 -- "t-9" &&
        refuses 64 over --to tom=t-1 --to ben=t-1 -- "two successors" &&
        refuses 64 over --to lea -- "himself" &&
        refuses 1 over --to nobody -- "nobody" &&
        refuses 1 over --to admin -- "accounts" &&
        refuses 64 over --onto tom -- "--onto" &&
        refuses 1 ctl east handover lea --as mia --to tom -- "head office" &&
        refuses 1 ctl head-office handover lea --as mia --to tom -- \
            "does not manage people" &&
        echo "$sent,tom,x" >"$tap_dir/list" &&
        refuses 1 over --to tom --file "$tap_dir/list" -- "tom,x" &&
        is_active
}

# Three accounts of t-2 by name of the successor, the rest of it in turn.
make_list()
{
    rep lea account list --territory t-2 --ids | head -n 3 |
        sed 's/$/,tom/' >"$tap_dir/list" &&
        [ "$(wc -l <"$tap_dir/list")" -eq 3 ]
}

whole_plan()
{
    over --to tom=t-1 --to ben --file "$tap_dir/list" \
        --brief "Lea is gone; call within a week." "$@"
}

dry_run()
{
    local count
    count=$(wc -l <"$tap_dir/book")
    whole_plan --dry-run --json >"$tap_dir/dry" && cat "$tap_dir/dry" &&
        [ "$(json '(d["accounts"], d["placed"],
            len(d["rows"]))' "$tap_dir/dry")" = "($count, $count, $count)" ] &&
        json '"\n".join(sorted(r[0] for r in d["rows"]))' "$tap_dir/dry" |
        cmp - "$tap_dir/book" &&
        # Each with a successor, and where he sees it.
        [ "$(json 'all(
            (r[4], r[5]) in (("t-1", "tom"), ("t-tom", "tom"),
                ("t-ben", "ben"), ("-", "ben")) for r in d["rows"])' \
                "$tap_dir/dry")" = \
            True ] &&
        [ "$(json 'sorted(set(r[6] for r in d["rows"]))' "$tap_dir/dry")" = \
            "['list', 'territory', 'turn']" ] &&
        is_active
}

# Ctrl-C at any moment: she is here with all of it, or gone without any.
cut_off()
{
    local pid i left owned
    for i in 1 2 3 4; do
        whole_plan >/dev/null 2>&1 &
        pid=$!
        sleep "0.00$((i * 2))"
        kill -INT "$pid" 2>/dev/null
        wait "$pid"
        # One writer: what is asked after it is answered after it.
        ctl head-office account assign --as admin --from-territory t-tom \
            --territory t-tom >/dev/null &&
            ctl head-office user list >"$said" || return 1
        left=$(grep -c "^2 *lea.*left" "$said")
        ctl head-office account list --as mia --limit 1000 --json \
            >"$tap_dir/owned" || return 1
        owned=$(json 'sum(r[3] == "2" for r in d["rows"])' "$tap_dir/owned")
        echo "left: $left, accounts of hers: $owned"
        [ "$left" -eq 1 ] && [ "$owned" -eq 0 ] ||
            { [ "$left" -eq 0 ] && [ "$owned" -eq "$hers" ]; } || return 1
    done
}

real_run()
{
    whole_plan >"$tap_dir/run" && cat "$tap_dir/run" && ! is_active &&
        # Once more there is nothing to place.
        whole_plan >"$tap_dir/again"
    # A list whose accounts are placed is refused, nothing else is done.
    over --to tom=t-1 --to ben >"$tap_dir/again" &&
        grep -q "^accounts: 0" "$tap_dir/again"
}

# Every account of the book is on the device of tom or ben, and of one only.
all_placed()
{
    ctl east uplink now && rep tom sync && rep ben sync &&
        rep tom account list --ids | sort >"$tap_dir/tom" &&
        rep ben account list --ids | sort >"$tap_dir/ben" || return 1
    sort "$tap_dir/tom" "$tap_dir/ben" >"$tap_dir/after"
    sort "$tap_dir/tom.before" "$tap_dir/ben.before" "$tap_dir/book" \
        >"$tap_dir/expected"
    cmp "$tap_dir/after" "$tap_dir/expected" || return 1
    while IFS=, read -r id _; do
        grep -qx "$id" "$tap_dir/tom" || return 1
    done <"$tap_dir/list"
    rep tom note list "$sent" >"$said" && says "sent in time"
}

# Each account of the book is told to its successor, with what was known of it,
# until he has been in touch.
briefed()
{
    local told
    rep tom inbox --kind handover --limit 1000 --json >"$tap_dir/tom.box" &&
        rep ben inbox --kind handover --limit 1000 --json >"$tap_dir/ben.box" ||
        return 1
    for who in tom ben; do
        json '"\n".join(sorted(i["account"] for i in d["items"]))' \
            "$tap_dir/$who.box"
    done | sort >"$tap_dir/told"
    cmp "$tap_dir/told" "$tap_dir/book" || return 1
    told=$(json '[i["key"] for i in d["items"]
        if i["account"] == "'"$sent"'"][0]' "$tap_dir/tom.box")
    fails 0 rep tom inbox show "$told" &&
        says "by lea" "Lea is gone; call within a week." "Never visited" \
            "contacts: 1" &&
        rep tom inbox decide "$told" --as taken --reason "called her" &&
        refuses 1 rep tom inbox show "$told" -- "nothing waits" &&
        rep tom note list "$sent" >"$said" && says "called her"
}

hands_in()
{
    refuses 1 rep lea sync -- "revoked" "handed in for review: 4" &&
        fails 0 rep lea status --json &&
        [ "$(json '(d["pending"], d["records"])')" = "(0, 0)" ] &&
        # Of accounts she sees what she wrote herself and is not decided.
        fails 0 rep lea account list --ids && [ "$(cat "$said")" = "$sent" ] &&
        fails 0 rep lea account show "$sent" && says "not sent yet" &&
        ! grep -E "Name|Phone|t-1" "$said" &&
        refuses 1 rep lea sync -- "revoked"
}

nothing_left()
{
    rep lea lock && look_into device lea "$tap_dir/lea" &&
        cat "$tap_dir/lea" && [ ! -s "$tap_dir/lea" ]
}

not_yet()
{
    rep tom sync && fails 0 rep tom account show "$sent" &&
        ! grep "not sent yet" "$said" &&
        fails 0 rep tom note list "$sent" && ! grep "not sent yet" "$said"
}

logged()
{
    ctl east log show --limit 1000 >"$said" &&
        [ "$(grep -c "lea.*deferred" "$said")" -eq 4 ]
}

check "a branch, three reps and their manager" world
check "they enrol and sync" devices
check "the leaver works, and has not sent all of it" works
check "an incomplete or wrong plan is refused, and changes nothing" incomplete
check "(a list for three accounts)" make_list
check "the dry run shows every account with its successor" dry_run
check "cut off at any moment it has done all of it or nothing" cut_off
check "the whole book goes over; a second run finds nothing to do" real_run
check "every account of hers is on one successor's device" all_placed
check "cap 19: each is told to its successor, with a brief" briefed
check "cap 19: what she had not sent is taken, the rest is removed" hands_in
check "nothing of any record stays in her store" nothing_left
check "it waits at the branch, four edits" logged
check "and counts for nothing until somebody decides" not_yet
tap_done
