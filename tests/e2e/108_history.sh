#!/usr/bin/env bash
# Goal: who changed what, asked on a device. Ann and Bob write to one account
# away from each other: each sees what stands and the other value beside it,
# with writer and device, and of what was replaced his own alone. The device says
# each time what it cannot know; the server has all of it. (What was refused:
# 107_pairs.)
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "History" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office user add ann --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add bob --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add mia --role manager --unit east &&
        printf '%s\n' "name,territory_id,phone_main" \
            "Tea House,e-1,13811110000" >"$tap_dir/shops.csv" &&
        ctl head-office import account "$tap_dir/shops.csv" --as admin &&
        world_branch east && ctl east uplink now || return 1
    local user
    for user in ann bob mia; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
}

# seen LOGIN FIELD: value, author and how it stands, newest first.
seen()
{
    rep "$1" account history "Tea House" --field "$2" --json >"$said" &&
        json '[(c["text"], c["author"], c["stands"]) for c in d["changes"]]'
}

writes()
{
    rep ann account edit "Tea House" phone_main=13811110001 tags+=tea &&
        rep ann account edit "Tea House" phone_main=13811110002 tags-=tea &&
        fails 0 rep ann account history "Tea House" &&
        says "waits for a server" "replaced" "removed tea" \
            "This device knows what stands now" "satchelctl account history" &&
        rep bob account edit "Tea House" phone_main=13811110003 &&
        rep ann sync && rep bob sync && rep ann sync
}

both()
{
    is "$(seen ann phone_main)" "[('+8613811110003', 'bob', 'shown'),\
 ('+8613811110002', 'ann', 'other'), ('+8613811110001', 'ann', 'replaced')]" &&
        # what Ann replaced on her own device never came to Bob's
        is "$(seen bob phone_main)" "[('+8613811110003', 'bob', 'shown'),\
 ('+8613811110002', 'ann', 'other')]" &&
        is "$(seen ann name)" "[('Tea House', 'admin', 'shown')]" &&
        holds 'd["own_since_ms"] > 0 and d["changes"][0]["device"] == 1' &&
        is "$(seen ann tags)" "[('tea', 'ann', 'shown'),\
 ('tea', 'ann', 'replaced')]" && holds 'd["changes"][0]["removed"]'
}

pages()
{
    fails 0 rep ann contact add "Tea House" 李雷 \
        phones+="number=+8613800000011" &&
        fails 0 rep ann account history "Tea House" --json &&
        holds 'd["total"] == d["count"] and {"account", "contact"} ==
            {c["entity"] for c in d["changes"]}' &&
        all=$(json '[c["text"] for c in d["changes"]]') &&
        fails 0 rep ann account history "Tea House" --limit 3 && says \
            "older ones: --skip 3" && rep ann account history "Tea House" \
            --limit 3 --skip 3 --json >"$said" &&
        is "$(json "[c['text'] for c in d['changes']] == $all[3:6]")" True &&
        fails 0 rep ann account history "Tea House" --lang zh &&
        says "当前值" "另一个值" "已被替换" "本设备只知道现有的值" &&
        refuses 1 rep ann account history Nowhere -- "no account"
}

server_has_all()
{
    rep ann sync && ctl east uplink now &&
        fails 0 ctl head-office account history "Tea House" --as mia --json &&
        holds '{"+8613811110001", "+8613811110002", "+8613811110003",
            "+8613811110000"} <= {str(r[3]) for r in d["rows"]}'
}

# The account was made at head office: the branch was given it, not the commit.
branch_has_what_stands()
{
    fails 0 ctl east account history "Tea House" --as mia --json &&
        holds '[r[1:6] for r in d["rows"] if r[2] == "name"] ==
            [["admin", "name", "Tea House", "?", "accepted"]] and
            "head office" in d["note"]' &&
        holds 'any(r[1] == "bob" and r[4] != "?" for r in d["rows"])' &&
        fails 0 ctl head-office account history "Tea House" --as mia --json &&
        holds '"note" not in d and all(r[4] != "?" for r in d["rows"])' &&
        fails 0 ctl east --lang zh account history "Tea House" --as mia &&
        says "在别处写入的内容，此处只有现有的值"
}

# A program reads the same whatever the person reads.
same_in_every_language()
{
    local name words
    for name in history show conflicts; do
        words=(account "$name" "Tea House")
        [ "$name" != conflicts ] || words=(conflicts)
        fails 0 ctl head-office "${words[@]}" --as mia --json || return 1
        json 'd["rows"]' >"$tap_dir/en"
        fails 0 ctl head-office --lang zh "${words[@]}" --as mia --json ||
            return 1
        json 'd["rows"]' >"$tap_dir/zh"
        cmp "$tap_dir/en" "$tap_dir/zh" || return 1
    done
}

check "an account of two reps and their manager" world
check "each writes; what stands, waits and was replaced is told" writes
check "both values with writer; what was replaced only where it was written" \
    both
check "its records too, page by page, in both languages" pages
check "the server has what no device can know" server_has_all
check "a branch has what stands of a record made at head office, and says so" \
    branch_has_what_stands
check "answers for programs are the same in both languages" \
    same_in_every_language
tap_done
