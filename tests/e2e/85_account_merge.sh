#!/usr/bin/env bash
# Goal: two accounts that are one customer, of two reps in two territories.
# While the manager makes one of them, the rep of the other is away, changes
# the telephone and enters a visit. When she comes back nothing of it is
# refused: the visit is under the account that stays, her telephone stands
# beside the one there, with her name and time; the old number leads to the
# new account on every device and server; undoing it brings both back whole.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Merge" &&
        ctl head-office branch add east --territories t-ann,t-bob &&
        ctl head-office user add ann --role rep --unit east \
            --territories t-ann &&
        ctl head-office user add bob --role rep --unit east \
            --territories t-bob &&
        ctl head-office user add mia --role manager --unit east &&
        world_branch east && ctl east uplink now || return 1
    local user
    for user in ann bob mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
}

# id LOGIN NAME
id() { rep "$1" account list "$2" --ids | sed -n 1p; }

everybody()
{
    local round user
    for round in 1 2; do
        for user in mia ann bob; do
            rep "$user" sync --json >"$tap_dir/sync.$user" &&
                [ "$(json '(d["alarms"],
                    d["refused"])' \
                    "$tap_dir/sync.$user")" = "(0, 0)" ] || return 1
        done
        ctl east uplink now || return 1
    done
}

customers()
{
    rep ann account add "Corner shop" phone_main=+8613800000001 \
        territory_id=t-ann tags+=tea alias+=Corner &&
        rep bob account add "Tea house at the corner" \
            phone_main=+8613800000002 territory_id=t-bob &&
        rep ann visit start "Corner shop" &&
        rep ann visit end --outcome order &&
        rep bob visit start "Tea house at the corner" &&
        rep bob visit end --outcome promise --next today &&
        everybody || return 1
    old=$(id ann "Corner shop")
    kept=$(id bob "Tea house at the corner")
    [ -n "$old" ] && [ -n "$kept" ]
}

away()
{
    rep ann account edit "Corner shop" phone_main=+8613800000003 &&
        rep ann visit start "Corner shop" &&
        rep ann visit end --outcome no_decision
}

may_not()
{
    refuses 64 rep ann account merge "Corner shop" "$old" -- "one account" &&
        fails 1 rep bob account merge "$kept" "$old"
}

dry()
{
    rep mia account merge "$kept" "$old" --dry-run --json \
        >"$tap_dir/dry" || return 1
    cat "$tap_dir/dry"
    [ "$(json 'sorted((f["field"], f["before"] != f["after"])
        for f in d["fields"] if f["field"] in ("name", "phone_main",
        "tags", "alias"))' \
        "$tap_dir/dry")" = "[('alias', True), ('name', False), \
('phone_main', False), ('tags', True)]" ] &&
        fails 0 rep mia account merges && says "no merges" &&
        refuses 1 rep mia account merge "$kept" "$old" --take nothing=keep \
            -- "no field"
}

merges()
{
    rep mia account merge "$kept" "$old" --json >"$tap_dir/merge" &&
        rep mia sync && case=$(json 'd["case"]' "$tap_dir/merge") &&
        fails 0 rep mia account merges && says "Corner shop" "$case"
}

comes_back()
{
    rep ann sync --json >"$tap_dir/sync.ann" && cat "$tap_dir/sync.ann" &&
        [ "$(json '(d["complete"], d["refused"],
            d["deferred"], d["alarms"], d["pending"])' "$tap_dir/sync.ann")" = \
            "(True, 0, 0, 0, 0)" ] && everybody
}

# All three visits are the kept account's, on whoever's device or server.
visits_are_one() # LOGIN
{
    rep "$1" visit list "$kept" --json >"$tap_dir/visits" &&
        cat "$tap_dir/visits" &&
        [ "$(json '(d["count"], {r["parent_id"]
            for r in d["records"]})' "$tap_dir/visits")" = "(3, {'$kept'})" ]
}

telephones()
{
    rep bob conflicts "$kept" --json >"$tap_dir/conflicts" &&
        cat "$tap_dir/conflicts" &&
        [ "$(json '[(c["name"],
            sorted((v["text"], v["author"]) for v in c["field"]["values"]))
            for c in d["conflicts"]]' \
            "$tap_dir/conflicts")" = "[('phone_main', \
[('+8613800000002', 'bob'), ('+8613800000003', 'ann')])]" ] &&
        [ "$(json 'all(v["time_ms"] > 0
            for v in d["conflicts"][0]["field"]["values"])' \
            "$tap_dir/conflicts")" = True ]
}

leads_on_devices()
{
    local user
    for user in mia bob; do
        rep "$user" account show "$old" --json >"$tap_dir/show" &&
            [ "$(json '(d["record"]["id"],
                d["record"]["absorbed_id"])' \
                "$tap_dir/show")" = "('$kept', '$old')" ] &&
            fails 0 rep "$user" account show "Corner shop" &&
            says "Tea house at the corner" "merged into this one" &&
            [ "$(rep "$user" account list Corner --ids)" = "$kept" ] &&
            [ "$(rep "$user" account list --ids | grep -c "$old")" = 0 ] ||
            return 1
    done
    # Ann has nothing to do there; her own visits stay hers.
    fails 1 rep ann account show "$old" &&
        [ "$(rep ann visit list --ids | wc -l)" = 2 ]
}

leads_on_servers()
{
    local server
    for server in east head-office; do
        ctl "$server" account show "$old" --as mia >"$said" || return 1
        says "merged into" "$kept" "138 0000 0003" "138 0000 0002" &&
            [ "$(grep -c '^ *visit .*checkin ' "$said")" -ge 3 ] || return 1
    done
}

undoes()
{
    fails 1 rep bob account unmerge "$case" &&
        rep mia account unmerge "$case" && everybody &&
        fails 1 rep mia account unmerge "$case" && says "undone before"
}

whole_again()
{
    rep ann account show "$old" --json >"$tap_dir/show" &&
        cat "$tap_dir/show" &&
        [ "$(json '(d["record"]["id"],
            d["record"]["title"], d["record"]["conflict"],
            d["record"]["fields"]["phone_main"]["values"][0]["text"])' \
            "$tap_dir/show")" = \
            "('$old', 'Corner shop', False, '+8613800000003')" ] &&
        [ "$(rep ann visit list "$old" --ids | wc -l)" = 2 ] &&
        [ "$(rep bob visit list "$kept" --ids | wc -l)" = 1 ] &&
        rep bob account show "$kept" --json >"$tap_dir/show" &&
        cat "$tap_dir/show" &&
        [ "$(json '(d["record"]["conflict"],
            "tags" in d["record"]["fields"],
            [v["text"] for v in
                d["record"]["fields"]["phone_main"]["values"]])' \
                "$tap_dir/show")" = \
            "(False, False, ['+8613800000002'])" ] &&
        fails 1 rep bob account show "$old"
}

servers_again()
{
    local server
    for server in east head-office; do
        ctl "$server" account show "$old" --as mia >"$said" || return 1
        says "Corner shop" "t-ann" && ! grep -q "merged into" "$said" ||
            return 1
    done
}

check "a branch, two reps, their manager" world
check "each rep has the same customer under a name of his own" customers
check "ann is away: another telephone, a visit" away
check "reps merge nothing" may_not
check "the manager looks first: what differs, what would stand" dry
check "he makes one account of them" merges
check "ann comes back: nothing is refused or waits" comes_back
check "bob has all visits under the account that stays" visits_are_one bob
check "the manager too" visits_are_one mia
check "her telephone stands beside his, with who and when" telephones
check "the old number and name lead to it on devices" leads_on_devices
check "and at the branch and at head office" leads_on_servers
check "the manager undoes it; nobody twice" undoes
check "both are whole again, with their visits and telephones" whole_again
check "at both servers as well" servers_again
tap_done
