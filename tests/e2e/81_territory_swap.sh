#!/usr/bin/env bash
# Goal: two reps swap their territories while both have edits that no server
# has seen. After one sync each device holds exactly the new territory, in its
# tables and not only on the screen; what each did out there (visits, notes) is
# accepted; what they changed of accounts that are another's now lies, as
# typed, among their rejected changes, and is entered by their manager; nothing
# is lost and no proof fails. Then single accounts move, by the manager's
# device.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

here=$(dirname "${BASH_SOURCE[0]}")
hold() { python3 -B "$here/hold.py" "$@"; }

tap_begin

world()
{
    world_head_office "Swap" &&
        ctl head-office branch add east --territories t-ann,t-bob,t-both &&
        ctl head-office user add ann --role rep --unit east \
            --territories t-ann,t-both &&
        ctl head-office user add bob --role rep --unit east \
            --territories t-bob,t-both &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office sample accounts --seed 81 --count 36 \
            --territories t-ann,t-bob,t-both >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in ann bob mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
}

# One day of one rep in his old territory, offline; and on the N-th account of
# the territory that both keep.
day() # LOGIN TERRITORY PHONE N
{
    local login=$1 first second both
    first=$(rep "$login" account list --territory "$2" --ids | sed -n 1p) &&
        second=$(rep "$login" account list --territory "$2" --ids |
            sed -n 2p) || return 1
    # Evidence: it happened out there, whoever has the account now.
    rep "$login" visit start "$first" >>"$tap_dir/kept" &&
        rep "$login" visit end --outcome order &&
        rep "$login" note add "$first" "promised by $login" \
            >>"$tap_dir/kept" &&
        # Two edits, a contact and a new account: no longer his to make.
        rep "$login" account edit "$first" "phone_main=$3" &&
        rep "$login" account edit "$second" "industry=tea of $login" &&
        rep "$login" contact add "$second" "Contact of $login" &&
        rep "$login" account add "New shop of $login" "territory_id=$2" &&
        # Of the territory that both keep: stays his to edit.
        both=$(rep "$login" account list --territory t-both --ids |
            sed -n "$4p") &&
        rep "$login" account edit "$both" "industry=kept of $login" &&
        echo "$first" >"$tap_dir/first.$login" &&
        echo "$both" >"$tap_dir/both.$login"
}

swap()
{
    ctl head-office user set ann --territories t-bob,t-both &&
        ctl head-office user set bob --territories t-ann,t-both &&
        ctl east uplink now
}

# One sync: of eight edits four are accepted (visit begun and ended, note, what
# they keep), four refused, no proof fails, and a whole territory changes.
one_sync() # LOGIN
{
    rep "$1" sync --json >"$tap_dir/sync.$1" && cat "$tap_dir/sync.$1" &&
        [ "$(json '(d["complete"], d["pushed"],
            d["refused"], d["deferred"], d["alarms"], d["pending"])' \
            "$tap_dir/sync.$1")" = \
            "(True, 8, 4, 0, 0, 0)" ]
}

quiet() # LOGIN: the next sync has nothing to do
{
    rep "$1" sync --json >"$tap_dir/sync" && cat "$tap_dir/sync" &&
        [ "$(json '(d["same"], d["alarms"])' "$tap_dir/sync")" = \
            "(True, 0)" ]
}

typed_values() # LOGIN PHONE
{
    rep "$1" rejected --json >"$tap_dir/rejected" &&
        cat "$tap_dir/rejected" &&
        [ "$(json 'd["count"]' "$tap_dir/rejected")" = 4 ] &&
        grep -qF "$2" "$tap_dir/rejected" &&
        grep -qF "tea of $1" "$tap_dir/rejected" &&
        grep -qF "Contact of $1" "$tap_dir/rejected" &&
        grep -qF "New shop of $1" "$tap_dir/rejected" &&
        # Each says why, and nothing of it stands anywhere else.
        [ "$(json 'all(r["code"] > 0 and r["text_zh"]
            for r in d["rejected"])' "$tap_dir/rejected")" = True ]
}

not_at_the_branch()
{
    ctl east account list --as mia --limit 1000 --json >"$said" &&
        ! grep -E "New shop of|\+8613900000" "$said"
}

# The visits and notes of the old rep are on the new rep's device.
evidence_travels() # NEW OLD
{
    rep "$1" note list "$(cat "$tap_dir/first.$2")" >"$said" &&
        says "promised by $2" &&
        rep "$1" visit list "$(cat "$tap_dir/first.$2")" --ids |
        grep -q .
}

kept_edit_arrives() # LOGIN OTHER
{
    rep "$2" account show "$(cat "$tap_dir/both.$1")" >"$said" &&
        says "kept of $1"
}

check "a branch with three territories and two reps" world
check "both reps and their manager enrol and sync" devices
check "ann works a day, offline" day ann t-ann +8613900000001 1
check "bob too" day bob t-bob +8613900000002 2
check "head office swaps their territories" swap
check "ann's one sync: accepted and refused one by one" one_sync ann
check "bob's too" one_sync bob
check "ann's refused edits are there as typed, each with the reason" \
    typed_values ann +8613900000001
check "bob's too" typed_values bob +8613900000002
check "nothing of what was refused stands at the branch" not_at_the_branch
check "everybody syncs once more" \
    eval "rep ann sync && rep bob sync && rep mia sync && rep ann sync"
check "bob sees what ann did in what is his now" evidence_travels bob ann
check "ann what bob did" evidence_travels ann bob
check "what both keep stayed ann's to edit" kept_edit_arrives ann bob
check "and bob's" kept_edit_arrives bob ann
check "ann has nothing left to say" quiet ann
check "bob neither" quiet bob
check "nor the manager" quiet mia

# ---- what the tables hold ---------------------------------------------------

look_at_all()
{
    local user
    mkdir -p "$tap_dir/in" && ctl east uplink now && ctl east uplink now &&
        server_stop east && server_stop head-office &&
        look_into server east "$tap_dir/in/east" &&
        look_into server head-office "$tap_dir/in/head-office" || return 1
    for user in ann bob mia; do
        rep "$user" lock && look_into device "$user" "$tap_dir/in/$user" &&
            rep "$user" unlock || return 1
    done
}

back() { server_start head-office && server_start east; }

check "(all stop, and the stores are opened)" look_at_all
check "nothing that was accepted is missing" \
    hold made "$tap_dir/in/east" "$tap_dir/kept"
check "head office has what the branch has" \
    hold same "$tap_dir/in/east" "$tap_dir/in/head-office"
check "ann's device holds the new territory, whole, and what she did" \
    hold swapped "$tap_dir/in/east" "$tap_dir/in/ann" t-bob,t-both \
    "$tap_dir/kept" 4
check "bob's too" \
    hold swapped "$tap_dir/in/east" "$tap_dir/in/bob" t-ann,t-both \
    "$tap_dir/kept" 4
check "the manager's holds all" \
    hold swapped "$tap_dir/in/east" "$tap_dir/in/mia" t-ann,t-bob,t-both \
    "$tap_dir/kept" 0
check "(all are back)" back

# ---- single accounts --------------------------------------------------------

# Two accounts of bob's go to ann, by the manager on his device.
one_by_one()
{
    local ids
    ids=$(rep mia account list --territory t-ann --ids | sed -n 3,4p) &&
        echo "$ids" >"$tap_dir/moved" &&
        refuses 1 rep mia account assign --list "$tap_dir/moved" \
            --owner ann -- "ann would not see" "t-bob" &&
        rep mia account assign --list "$tap_dir/moved" --owner ann \
            --territory t-bob --dry-run --json >"$tap_dir/dry" &&
        [ "$(json '(d["count"], d["changed"])' "$tap_dir/dry")" = \
            "(2, 2)" ]
}

bob_may_not()
{
    refuses 1 rep bob account assign --list "$tap_dir/moved" \
        --territory t-both -- "territory_id"
}

moves()
{
    rep bob account edit "$(sed -n 1p "$tap_dir/moved")" "industry=too late" &&
        rep mia account assign --list "$tap_dir/moved" --owner ann \
            --territory t-bob --json >"$tap_dir/done" &&
        [ "$(json 'd["changed"]' "$tap_dir/done")" = 2 ] &&
        rep mia sync && rep ann sync &&
        fails 0 rep bob sync --json && [ "$(json '(d["refused"],
            d["alarms"])')" = "(1, 0)" ]
}

moved()
{
    local id
    while read -r id; do
        fails 0 rep ann account show "$id" &&
            fails 0 rep ann contact list "$id" --ids && [ -s "$said" ] &&
            fails 1 rep bob account show "$id" || return 1
    done <"$tap_dir/moved"
    fails 0 rep bob rejected && says "too late"
}

check "the manager tries two accounts out; who would not see is told" one_by_one
check "a rep may not move accounts" bob_may_not
check "two accounts move, and an edit comes too late" moves
check "ann has them with their contacts, bob not; his edit is kept for him" moved
tap_done
