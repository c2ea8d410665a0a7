#!/usr/bin/env bash
# Goal: what leaves only with a second person waits on the devices of those who
# may be that, with no network: who asks, what goes out, how many rows, what
# for. Two managers of a branch and the administrator at head office decide
# apart, twice, too late, and otherwise than they meant; who asked withdraws.
# Servers judge a device's word as the console's; a no holds whatever yes there
# is; who asked reads it, with the reason. Nobody is his own second person.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

world()
{
    world_head_office "Two Persons" &&
        ctl head-office branch add east --territories e-1 &&
        ctl head-office branch add west --territories w-1 &&
        ctl head-office user add ann --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add bob --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add max --role manager --unit east &&
        ctl head-office user add wu --role manager --unit west &&
        printf '%s\n' "name,territory_id,contact_name" \
            "Tea House,e-1,Ada" "Book Shop,e-1,Bo" "Corner Bar,e-1,Cy" \
            >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    local user
    for user in ann bob mia max; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
    world_device ada head-office admin && rep ada sync &&
        world_device wu head-office wu && rep wu sync
}
sync_all()
{
    local device
    for device in "$@"; do
        rep "$device" sync || return 1
    done
}

# asks WHY: ann asks at her branch; the id is in $request.
asks()
{
    fails 0 ctl east exports request csv contact --as ann --with-p3 \
        --why "$1" --json || return 1
    request=$(json 'd["request"]') && [ -n "$request" ] && sync_all mia max
}
out=0
# leaves: the export of $request, at ann's branch.
leaves()
{
    out=$((out + 1))
    ctl east export csv contact --as ann --with-p3 --approval "$request" \
        --out "$files/$out.csv"
}
# on DEVICE EXPRESSION: what it says of $request, as r.
on()
{
    fails 0 rep "$1" exports --json &&
        holds "(lambda r: $2)([r for r in d['requests']
            if r['id'] == '$request'][0])"
}
waits() # DEVICE COUNT
{
    fails 0 rep "$1" inbox --kind export --json && is 'd["total"]' "$2"
}

# ---- it waits ---------------------------------------------------------------

waiting()
{
    asks "spring letter" && is 'd["rows"]' 3 && server_stop east &&
        fails 0 rep mia inbox --kind export --json &&
        holds 'd["total"] == 1 and d["items"][0]["decisions"] ==
            ["approve", "refuse"] and
            d["items"][0]["id"] == "'"$request"'" and
            d["items"][0]["since_ms"] > 0' &&
        holds '[l["text"] for l in d["items"][0]["lines"]] == ["ann",
            "csv: contact, 3 rows, with sensitive fields",
            "spring letter"]' &&
        key=$(json 'd["items"][0]["key"]') &&
        fails 0 rep mia inbox show "$key" --lang zh &&
        says "申请人: ann" "csv：联系人，3 行，含敏感字段" "用途: spring letter" \
            "--as refuse --reason" &&
        fails 0 rep max exports --lang zh && says "待批复" "ann" &&
        waits ann 0 && waits bob 0 && waits wu 0 && waits ada 0
}
# Nobody is his own second person: neither by the command, nor by the field
# itself; a rep is nobody's.
own()
{
    local when=2026-03-04T05:06:07Z number yes
    number=$(ctl head-office user list --json >"$said" &&
        json '[r[0] for r in d["rows"] if "ann" in r][0]')
    yes="by=$number; at=$when; yes=yes; until=2099-01-01T00:00:00Z"
    rep ann sync >/dev/null 2>&1
    server_start east && rep ann sync && rep bob sync &&
        refuses 1 rep ann exports approve "$request" -- "your own request" &&
        refuses 1 rep ann exports refuse "$request" --reason no -- \
            "your own request" &&
        fails 1 rep ann record edit export_job "$request" "decision=$yes" \
            --json && is 'd["error"]["name"]' SP_E_FIELD_DENIED &&
        fails 1 rep ann record edit export_job "$request" \
            "refused=yes=yes; reason=x" --json &&
        is 'd["error"]["name"]' SP_E_FIELD_DENIED &&
        refuses 1 rep bob exports approve "$request" -- "no request" &&
        refuses 1 rep wu exports approve "$request" -- "no request" &&
        refuses 1 ctl east exports approve "$request" --as ann -- \
            "same person" &&
        refuses 1 ctl east exports approve "$request" --as wu -- \
            "may not be the second person" &&
        refuses 1 leaves -- "nobody has decided"
}

# ---- yes --------------------------------------------------------------------

# Decided with the branch out of reach, and from what it says how to take it
# back.
approved()
{
    server_stop east &&
        refuses 64 rep mia inbox decide "$key" --as refuse -- "reason" &&
        fails 0 rep mia inbox decide "$key" --as approve \
            --reason "they may" --json &&
        holds 'd["done"] == 1 and d["items"][0]["undo"] ==
            "satchel exports refuse '"$request"' --reason ..."' &&
        waits mia 0 && on mia 'r["state"] == "approved"' &&
        server_start east && refuses 1 leaves -- "nobody has decided" &&
        rep mia sync && fails 0 leaves && says "exported: 3" &&
        refuses 1 leaves -- "used up" &&
        fails 0 ctl east exports --as mia && says "used up by mia" "they may"
}
# Max has not heard of any of it: his no comes too late. It is kept, and told.
too_late()
{
    on max 'r["state"] == "waits" and r["decide"]' &&
        rep max exports refuse "$request" --reason "not these" &&
        sync_all max ann mia &&
        fails 0 rep max rejected list --json && is 'd["count"]' 0 &&
        fails 0 ctl east exports --as mia &&
        says "used up by mia, refused by max" "not these" &&
        on ann 'r["state"] == "used" and r["refused"] == "max" and
            r["reason"] == "not these"' &&
        refuses 1 rep mia exports refuse "$request" --reason x -- \
            "cannot be called back"
}

# ---- apart ------------------------------------------------------------------

# The same branch: whichever comes in first, the no holds, and nobody has a
# conflict to settle.
one_branch()
{
    local order
    for order in "mia max" "max mia"; do
        asks "letter, $order" &&
            rep mia exports approve "$request" &&
            rep max exports refuse "$request" --reason "ask marketing" &&
            # shellcheck disable=SC2086
            sync_all $order $order ann &&
            refuses 1 leaves -- "was refused: ask marketing" &&
            on ann 'r["state"] == "refused" and r["refused"] == "max" and
                r["reason"] == "ask marketing"' &&
            on mia 'r["state"] == "refused" and r["agreed"] == "mia"' &&
            fails 0 rep mia inbox --kind conflict --json &&
            is 'd["total"]' 0 || return 1
    done
    fails 0 rep ann exports --lang zh && says "已拒绝" "ask marketing"
}
# Head office says no while the branch says yes.
two_servers()
{
    asks "letter to all" && ctl east uplink now && rep ada sync &&
        on ada 'r["decide"]' && rep mia exports approve "$request" && rep mia sync &&
        rep ada exports refuse "$request" --reason "the board decides" &&
        rep ada sync && ctl east uplink now &&
        refuses 1 leaves -- "was refused: the board decides" &&
        sync_all mia ada ann && ctl east uplink now && rep ada sync &&
        on ada 'r["state"] == "refused" and r["agreed"] == "mia"' &&
        on ann 'r["state"] == "refused" and r["refused"] == "admin"' &&
        fails 0 ctl head-office exports --as admin &&
        says "refused by admin" "the board decides" &&
        fails 0 rep ada inbox --kind conflict --json && is 'd["total"]' 0
}
# The second yes changes nothing; its author is told.
twice_yes()
{
    asks "twice" && rep mia exports approve "$request" --reason first &&
        rep max exports approve "$request" --reason second &&
        sync_all mia max && fails 0 rep max rejected list --json &&
        holds 'd["count"] == 1 and "SP_E_IMMUTABLE" in str(d)' &&
        on max 'r["state"] == "approved" and r["agreed"] == "mia" and
            r["reason"] == "first"' &&
        refuses 1 rep max exports approve "$request" -- "decided it already" &&
        refuses 1 ctl east exports approve "$request" --as max -- \
            "decided already" && fails 0 leaves
}

# ---- otherwise --------------------------------------------------------------

takes_back()
{
    asks "by mistake" && rep mia exports approve "$request" && rep mia sync &&
        rep mia exports refuse "$request" --reason "wrong one" &&
        rep mia sync && refuses 1 leaves -- "was refused: wrong one" &&
        rep max sync && rep max record edit export_job "$request" refused= &&
        rep max sync && on max 'r["state"] == "approved"' && fails 0 leaves
}
# She does not want it any more; he, offline, still lets it out.
withdrawn()
{
    asks "never mind" && rep ann sync && on mia 'r["decide"]' &&
        refuses 1 rep mia exports withdraw "$request" -- "somebody else" &&
        fails 0 rep ann exports withdraw "$request" --json &&
        rep mia exports approve "$request" && sync_all ann mia &&
        refuses 1 leaves -- "was withdrawn" &&
        on mia 'r["state"] == "withdrawn"' && rep max sync && waits max 0 &&
        refuses 1 rep max exports refuse "$request" --reason x -- \
            "withdrawn it" &&
        asks "nor this" &&
        fails 0 ctl east exports withdraw "$request" --as ann &&
        says "decision: withdrawn" && sync_all mia && waits mia 0
}
# The console decides as a device does, and the device has it.
console()
{
    asks "by console" && fails 0 ctl east branch inbox --as mia --json &&
        holds '[(r[1], "mia" in r[4] and "max" in r[4] and
            "ann" not in r[4], r[5]) for r in d["rows"]
            if r[0] == "export"] ==
            [(1, True, "satchel inbox --kind export")]' &&
        fails 0 ctl east exports approve "$request" --as mia --refuse \
            --reason "  not now " && sync_all max ann && waits max 0 &&
        on ann 'r["state"] == "refused" and r["refused"] == "mia" and
            r["reason"] == "not now"'
}
# Three exports of three rows left, far more were asked for: the device and the
# server count the same, and what a device takes out counts at both.
counted()
{
    rep ann sync &&
        fails 0 rep ann export csv account --out "$files/ann.csv" --json &&
        holds 'd["rows"] == 3 and d["left_today"] == 200 - 9 - 3' &&
        rep ann sync && fails 0 ctl east exports --as mia --json &&
        holds '{r[5] for r in d["rows"] if r[1] == "ann"} == {12} and
            sum(r[4] for r in d["rows"] if r[1] == "ann") > 30'
}

check "a branch with two managers, and head office" world
check "they enrol and sync" devices
check "a request waits on the managers' devices, offline, and on no other" \
    waiting
check "nobody is the second person for himself, nor beyond his reach" own
check "a yes that was given offline counts once the branch has it" approved
check "a no that comes after the export is kept and told" too_late
check "of a yes and a no at one branch the no holds, in either order" \
    one_branch
check "of a yes at the branch and a no at head office the no holds" two_servers
check "a second yes changes nothing, and is told" twice_yes
check "a yes is taken back, and so is a no" takes_back
check "who asked withdraws, whatever is said meanwhile" withdrawn
check "the console's word is the same, and is read on the device" console
check "cap 108: what was asked for takes none of the day's rows" counted
tap_done
