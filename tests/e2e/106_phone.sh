#!/usr/bin/env bash
# Goal: telephones are stored as E.164 and read as one's country writes them
# (cap 14, conventions): in tables and pages of devices and servers; what
# programs read, and what leaves in files, keeps E.164.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

records()
{
    ctl head-office territory add t1 &&
        ctl head-office user add mia --role manager &&
        ctl head-office user add kim --role marketing &&
        ctl head-office user add ann --role rep --territories t1 &&
        printf '%s\n' number,name,territory,phone \
            'A1,Tea,t1,138 1234 5678' A2,Rice,t1,+861062345678 \
            A3,Far,t1,+493074321 A4,Line,t1,400-820-8820 >"$files/in.csv" &&
        ctl head-office import accounts "$files/in.csv" --as admin &&
        world_device ann head-office ann && rep ann sync &&
        rep ann contact add Tea 李梅 \
            "phones+=number=+8675582345678; label=work" && rep ann sync
}
check "a server, a device, and telephones of all kinds" eval '
    world_head_office Phones && records'

shown()
{
    fails 0 rep ann account show A1 && says "Phone         138 1234 5678" &&
        fails 0 rep ann account show A2 && says "010-6234 5678" &&
        fails 0 rep ann account show A3 && says "+49 3074321" &&
        fails 0 rep ann account show A4 && says "400-820-8820" &&
        fails 0 rep ann brief A1 && says "138 1234 5678" &&
        fails 0 rep ann contact show 李梅 && says "0755-8234 5678" "work" &&
        fails 0 rep ann contact list && says "0755-8234 5678" &&
        fails 0 rep ann find 13812345678 && says "Tea" &&
        fails 0 rep ann find "010-6234 5678" && says "Rice" &&
        fails 2 rep ann account add Tea2 phone_main=13812345678 &&
        says "138 1234 5678"
}
on_server()
{
    local id
    id=$(rep ann find Tea --ids) &&
        fails 0 ctl head-office account show "$id" --as mia &&
        says "138 1234 5678" "0755-8234 5678" &&
        fails 0 ctl head-office account history "$id" --as mia &&
        says "138 1234 5678" &&
        fails 0 ctl head-office account show "$id" --as mia --json &&
        says "+8613812345678" "+8675582345678" &&
        ! grep -q "138 1234 5678" "$said" &&
        fails 0 ctl head-office account show "$id" --as kim &&
        says "****5678" && ! grep -q "138 1234" "$said"
}
for_programs()
{
    fails 0 rep ann account show A1 --json && says '"+8613812345678"' &&
        ! grep -q "138 1234 5678" "$said" &&
        fails 0 rep ann contact list --json && says "+8675582345678" &&
        ! grep -q "0755-" "$said" &&
        fails 0 rep ann export csv account --out "$files/a.csv" &&
        grep -q "'+8613812345678" "$files/a.csv" &&
        fails 0 rep ann export vcard --out "$files/c.vcf" &&
        grep -q "TEL;TYPE=work:+8675582345678" "$files/c.vcf"
}
abroad()
{
    export SATCHEL_COUNTRY=DE
    fails 0 rep ann account show A1 && says "+86 138 1234 5678" &&
        fails 0 rep ann account show A3 && says " 03074321" &&
        fails 0 ctl head-office account show "$(rep ann find Tea --ids)" \
            --as mia && says "+86 138 1234 5678" || return 1
    export SATCHEL_COUNTRY=XX
    refuses 64 rep ann account show A1 -- "SATCHEL_COUNTRY is XX" "CN, DE" &&
        refuses 64 ctl head-office account list --as mia -- \
            "SATCHEL_COUNTRY is XX" "CN, DE" || return 1
    unset SATCHEL_COUNTRY
}
check "cap 14: a device shows telephones as the country writes them" shown
check "cap 14: a server's tables too; masked ones stay masked" on_server
check "JSON, CSV and vCard keep E.164" for_programs
check "whose country it is can be said" abroad
tap_done
