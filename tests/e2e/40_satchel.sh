#!/usr/bin/env bash
# Goal: a rep's day with the satchel command alone: every command does what its
# help says, offline where it can be, in both languages and as JSON; each
# mistake gets its exit status, what it was about and the way out.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
unset SATCHEL_DIR SATCHEL_PASSPHRASE SATCHEL_NEW_PASSPHRASE
export TZ=Asia/Shanghai
satchel=$world_satchel
mei=$world_dir/mei

is_json() { python3 -c 'import json, sys; json.load(sys.stdin)' <"$said"; }

# holds EXPRESSION: the same, which has to be true.
# ---- the command line -------------------------------------------------------

# Group, name of every command in the table.
commands()
{
    "$satchel" --help --json >"$said" || return 1
    json '"\n".join((c["group"] + " " + c["name"]).strip()
        for c in d["commands"])'
}

help_of_all()
{
    local words lang
    commands >"$tap_dir/commands"
    [ "$(wc -l <"$tap_dir/commands")" -ge 30 ] || return 1
    while read -r words; do
        for lang in en zh; do
            # shellcheck disable=SC2086 # one or two words
            fails 0 "$satchel" $words --help --lang $lang &&
                says "satchel ${words%% *}" "--json" || return 1
        done
        # shellcheck disable=SC2086
        fails 0 "$satchel" help $words || return 1
    done <"$tap_dir/commands"
}

language()
{
    fails 0 env LC_ALL= LC_MESSAGES= LANG=zh_CN.UTF-8 "$satchel" --help &&
        says "退出状态" &&
        fails 0 env LC_ALL= LC_MESSAGES= LANG=zh_CN.UTF-8 \
            "$satchel" --help --lang en && says "Exit status" &&
        refuses 64 "$satchel" --lang fr status -- "zh or en" "fr"
}

json_of_mistakes()
{
    fails 64 "$satchel" acount --json &&
        holds 'd["error"]["code"] == 40 and d["error"]["exit"] == 64 and
            "account" in d["error"]["detail"]' &&
        fails 1 "$satchel" --json --dir "$tap_dir/none" status &&
        holds 'd["error"]["name"] == "SP_E_NOT_FOUND" and
            d["error"]["exit"] == 1'
}

check "a mistyped command is named with the nearest" \
    refuses 64 "$satchel" acount list -- "'acount'" "'account'"
check "a mistyped option too" \
    refuses 64 "$satchel" account list --limt 3 -- "'--limt'" "'--limit'" \
    "satchel account list --help"
check "a number that is none" \
    refuses 64 "$satchel" account list --limit many -- "--limit" "'many'"
check "a word that is no command of its group: which there are" \
    refuses 64 "$satchel" account xyzzy Tea -- "no command 'xyzzy'" \
    "list, show, add" "satchel account --help"
check "and in Chinese" refuses 64 "$satchel" --lang zh account xyzzy Tea -- \
    "没有命令“xyzzy”" "list、show、add" "satchel account --help"
check "a missing operand, and how the command is typed" \
    refuses 64 "$satchel" note add Tea -- "TEXT is missing" \
    "satchel note add ACCOUNT TEXT"
check "and in Chinese" refuses 64 "$satchel" --lang zh note add Tea -- \
    "缺少 TEXT" "satchel note add ACCOUNT TEXT"
check "no command at all" refuses 64 "$satchel" -- "satchel --help"
check "an edit that names no field" \
    refuses 64 "$satchel" account edit Tea "new name" -- "FIELD=VALUE"
check "every command has help, in both languages" help_of_all
check "the language comes from the environment or --lang" language
check "mistakes are JSON documents with --json" json_of_mistakes
check "an answer that cannot be written is no success" \
    fails 74 bash -c '"$1" --help >/dev/full' sh "$satchel"

# ---- before enrolment -------------------------------------------------------

without_store()
{
    local words
    for words in "status" "lock" "unlock" "sync" "account list" "brief x" \
        "conflicts" "rejected" "fields"; do
        # shellcheck disable=SC2086
        SATCHEL_PASSPHRASE=$world_passphrase refuses 1 "$satchel" \
            --dir "$mei" $words -- "$mei" "satchel enrol" || {
            echo "of: $words"
            return 1
        }
    done
}

# No terminal and no passphrase: says so instead of waiting.
no_passphrase()
{
    refuses 1 setsid "$satchel" --dir "$mei" enrol "$1" </dev/null \
        -- "SATCHEL_PASSPHRASE" "--passphrase-file"
}

enrols()
{
    local code
    ctl head-office device enrol --user mei >"$tap_dir/code" || return 1
    code=$(grep -o 'SATCHEL1:[^ ]*' "$tap_dir/code")
    no_passphrase "$code" &&
        refuses 1 "$satchel" --dir "$mei" enrol "${code%??}" -- "SATCHEL1:" &&
        [ ! -e "$mei" ] &&
        SATCHEL_PASSPHRASE=short refuses 64 "$satchel" --dir "$mei" \
            enrol "$code" -- "at least" &&
        [ ! -e "$mei" ] &&
        SATCHEL_PASSPHRASE=$world_passphrase fails 0 "$satchel" \
            --dir "$mei" enrol - --label "梅的平板" <"$tap_dir/code" &&
        says fingerprint "$(json_server_key)" || return 1
    : >"$mei.device"
    SATCHEL_PASSPHRASE=$world_passphrase refuses 1 "$satchel" --dir "$mei" \
        enrol "$code" -- "exists"
}

json_server_key() { sed -n 's/^server_key: *//p' "$tap_dir/code"; }

locked_and_unlocked()
{
    local words
    for words in "sync" "account list" "brief x" "visit end" "fields"; do
        # shellcheck disable=SC2086
        refuses 1 "$satchel" --dir "$mei" $words -- "satchel unlock" ||
            return 1
    done
    fails 0 "$satchel" --dir "$mei" status --json &&
        holds 'd["unlocked"] is False and d["readable"] is False' &&
        SATCHEL_PASSPHRASE="wrong passphrase" refuses 1 "$satchel" \
            --dir "$mei" unlock -- "wrong passphrase" &&
        echo "wrong passphrase" >"$tap_dir/pass" &&
        fails 1 "$satchel" --dir "$mei" unlock \
            --passphrase-file "$tap_dir/pass" &&
        refuses 64 "$satchel" --dir "$mei" unlock --passphrase-file \
            "$tap_dir/none" -- "$tap_dir/none" &&
        echo "$world_passphrase" >"$tap_dir/pass" &&
        fails 0 "$satchel" --dir "$mei" status --json \
            --passphrase-file "$tap_dir/pass" &&
        holds 'd["readable"] and not d["unlocked"]' &&
        fails 0 "$satchel" --dir "$mei" unlock \
            --passphrase-file "$tap_dir/pass" &&
        fails 0 "$satchel" --dir "$mei" status --json &&
        holds 'd["unlocked"]'
}

# Nobody who looks at the agent finds the passphrase.
agent_knows_no_passphrase()
{
    local file
    SATCHEL_PASSPHRASE=$world_passphrase m unlock || return 1
    for file in /proc/[0-9]*; do
        case $(readlink "$file/exe" 2>/dev/null) in
        "$SATCHEL_BUILD"/client-core/satchel-agent)
            ! tr '\0' '\n' <"$file/environ" 2>/dev/null |
                grep -q "^SATCHEL_PASSPHRASE" || return 1
            ;;
        esac
    done
}

m() { "$satchel" --dir "$mei" "$@"; }
boss() { "$satchel" --dir "$world_dir/boss" "$@"; }

world()
{
    world_head_office "Tea" &&
        ctl head-office territory add north &&
        ctl head-office territory add south &&
        ctl head-office user add mei --name "李梅" --role rep --territories north &&
        ctl head-office user add boss --name "赵敏" --role manager \
            --territories north &&
        printf '%s\n' "name,territory,phone" \
            "老王茶行,north,13800000001" "Corner Bakery,north,13800000002" \
            "Corner Café,north,13800000003" >"$tap_dir/a.csv" &&
        ctl head-office import accounts "$tap_dir/a.csv" --as admin
}

boss_enrols()
{
    : >"$world_dir/boss.device"
    ctl head-office device enrol --user boss |
        SATCHEL_PASSPHRASE=$world_passphrase boss enrol - &&
        SATCHEL_PASSPHRASE=$world_passphrase boss unlock && boss sync
}

check "without a store every command says how to make one" without_store
check "(a head office with three shops)" world
check "a code is pasted or piped; a bad one leaves nothing behind" enrols
check "a locked store says so; a wrong passphrase opens nothing" \
    locked_and_unlocked
check "the agent's environment holds no passphrase" agent_knows_no_passphrase
check "the first sync brings the shops" m sync
check "(the manager's device)" boss_enrols

# ---- the day, offline -------------------------------------------------------

visits()
{
    local visit
    fails 0 m visit start 老王 && says "Unverified" &&
        visit=$(head -n 1 "$said") &&
        fails 0 m visit list && says "老王茶行" "open" &&
        fails 0 m note add 老王茶行 "-3 箱，周五送" &&
        printf 'first line\nsecond line\n' | fails 0 m note add 老王茶行 - &&
        refuses 1 m visit end --outcome odrer -- "outcome" "odrer" &&
        fails 0 m visit end --outcome promise --next-step "送样品" \
            --next-date 2031-03-31 &&
        [ "$(head -n 1 "$said")" = "$visit" ] &&
        refuses 1 m visit end -- "no visit of yours is open" &&
        fails 0 m visit show "$visit" --lang zh &&
        says "承诺" "送样品" "2031-03-31" &&
        fails 0 m note list 老王茶行 --json &&
        holds 'd["count"] == 2 and
            d["records"][0]["fields"]["text"]["text"] ==
            "first line\nsecond line"'
}

# What a person reads is the time on the wall.
times()
{
    fails 0 m visit show "$(m visit list --ids)" &&
        says "Check-in      $(date +%Y-%m-%d)" &&
        fails 0 m visit list --json &&
        holds 'd["records"][0]["fields"]["checkin"]["text"].endswith("Z")'
}

accounts()
{
    fails 0 m account add "新店" phone_main="138 0000 0009" tags+=vip \
        tags+=new address.city=上海 &&
        fails 0 m account edit 新店 tags-=new industry=tea &&
        fails 0 m account show 新店 &&
        says "138 0000 0009" vip 上海 tea "no server has accepted" ||
        return 1
    refuses 1 m account edit 新店 nmae=x -- nmae &&
        refuses 1 m account edit 新店 owner_id=boss -- owner_id &&
        refuses 1 m account show Corner -- "Corner Bakery" "Corner Café" &&
        refuses 1 m account show Nobody -- Nobody &&
        fails 0 m account list 13800000002 &&
        says "Corner Bakery" &&
        fails 0 m contact add "Corner Bakery" "王小明" role_title=店长 &&
        fails 0 m contact list "Corner Bakery" && says "王小明" &&
        fails 0 m brief 老王 && says "送样品"
}

# cap 18: without a network.
found()
{
    fails 0 m find xindian && says "新店" &&
        fails 0 m find xd --ids && [ "$(wc -l <"$said")" -eq 1 ] &&
        fails 0 m find +86 138 0000 0009 --ids &&
        [ "$(wc -l <"$said")" -eq 1 ] &&
        fails 0 m find wangxiaoming && says "Corner Bakery"
}

sorted()
{
    fails 0 m account list --sort stroke &&
        refuses 64 m account list --sort size -- "pinyin"
}

# cap 10
flagged()
{
    refuses 2 m account add "新店" -- "same name" "anyway" &&
        refuses 2 m account add "另一家" phone_main="００８６ 13800000009" -- \
            "same phone" "新店" &&
        fails 2 m account add "心电" --json &&
        holds 'd["error"]["exit"] == 2 and d["duplicates"][0]["same_sound"]'
}

# Each way to look is one document.
all_json()
{
    local words
    for words in "status" "account list" "account show 老王" "brief 老王" \
        "contact list" "visit list" "note list" "conflicts" "rejected" \
        "fields" "fields visit" "--version" "account edit 新店 kind=customer"; do
        # shellcheck disable=SC2086
        fails 0 m $words --json && is_json || {
            echo "of: $words"
            return 1
        }
    done
}

for_programs()
{
    fails 0 m account list --limit 2 &&
        [ "$(awk -F'\t' 'NF == 3' "$said" | wc -l)" -eq 2 ] &&
        fails 0 m account list --ids &&
        [ "$(grep -cxE '[0-9a-f-]{36}' "$said")" -eq 4 ]
}

offline()
{
    server_stop head-office &&
        refuses 3 m sync --timeout 1 -- "safe on this device"
}

check "the server is gone: exit 3, and nothing is lost" offline
check "a visit with its notes" visits
check "times are those of the wall, exact ones UTC" times
check "accounts and contacts" accounts
check "cap 18: customers are found by pinyin, phone and contact" found
check "cap 18: they stand in an order that one asks for" sorted
check "cap 10: who is here already is flagged before he is added" flagged
check "every answer is a JSON document with --json" all_json
check "other programs get tabs and ids" for_programs

# ---- conflict, refusal ------------------------------------------------------

synced()
{
    server_start head-office && fails 0 m sync && says "sent" &&
        fails 0 m sync --json && holds 'd["pending"] == 0'
}

conflict()
{
    local id key
    id=$(m account edit 老王茶行 phone_main=13811111111 name="老王茶叶") &&
        boss account edit "$id" phone_main=13822222222 name="王记" &&
        boss sync && m sync &&
        fails 0 m conflicts --json && holds 'd["count"] == 2' &&
        key=$(json '[v["key"] for c in d["conflicts"] for v in
            c["field"]["values"] if v["text"] == "+8613822222222"][0]') &&
        fails 0 m conflicts && says "李梅" "赵敏" "$key" "$id" &&
        refuses 2 m conflicts settle "$id" phone_main --key 0-0 -- \
            "satchel conflicts" &&
        fails 0 m conflicts settle "$id" phone_main --key "$key" &&
        refuses 1 m conflicts settle "$id" phone_main --key "$key" -- \
            "no conflict" &&
        fails 0 m conflicts settle "$id" name --value "老王茶庄" &&
        fails 0 m conflicts --json && holds 'd["count"] == 0' &&
        m sync && boss sync &&
        fails 0 boss account show "$id" && says "138 2222 2222" "老王茶庄"
}

# The other way round once more, and back; counters; deleted and restored.
settling_is_undone()
{
    local id
    id=$(m account edit 老王茶庄 phone_main=13855555555) &&
        boss account edit "$id" phone_main=13866666666 dnd.level=all &&
        m account edit "$id" points=+3 dnd.level=none && boss sync && m sync &&
        ctl head-office conflicts --as boss >"$tap_dir/said" &&
        grep -q "boss's" "$tap_dir/said" &&
        fails 0 m conflicts && says "had seen" &&
        ! grep -E "'s edit [0-9]|device [0-9]+'s" "$said" &&
        fails 0 m conflicts settle "$id" phone_main --value 13855555555 &&
        m sync && boss sync && fails 0 boss conflicts &&
        fails 0 boss conflicts undo "$id" phone_main && says "taken back" &&
        refuses 1 boss conflicts undo "$id" phone_main -- "already" &&
        boss sync && m sync && fails 0 m account show "$id" && says "Always" &&
        fails 0 m conflicts --json &&
        holds 'd["count"] == 1 and
            d["conflicts"][0]["field"]["reopened_by"] == "赵敏" and
            sorted(v["author"] for v in d["conflicts"][0]["field"]["values"])
                == ["李梅", "赵敏"]' &&
        ctl head-office conflicts --as boss >"$tap_dir/said" &&
        grep -q "phone_main (reopened)" "$tap_dir/said" &&
        fails 0 m account edit "$id" points-=1 phone_main=13822222222 &&
        m sync && boss sync && fails 0 boss account show "$id" --json &&
        holds 'd["record"]["fields"]["points"]["text"] == "2"' &&
        ctl head-office account history "$id" --as boss >"$tap_dir/said" &&
        grep -q "138 5555 5555" "$tap_dir/said" &&
        grep -q "138 6666 6666" "$tap_dir/said"
}

# Moved away overnight: the edit is refused, the typed values stay.
refusal()
{
    local key
    m account edit "Corner Bakery" industry=bread &&
        ctl head-office user set mei --territories south &&
        fails 0 m sync && says "refused" "satchel rejected" &&
        fails 0 m rejected --json && holds 'd["count"] == 1' &&
        key=$(json 'd["rejected"][0]["key"]') &&
        fails 0 m rejected show "$key" && says bread refused &&
        ctl head-office user set mei --territories north && m sync &&
        fails 0 m rejected resend "$key" industry=cakes &&
        fails 0 m sync && boss sync &&
        fails 0 boss account show "Corner Bakery" && says cakes &&
        refuses 1 m rejected discard "$key" -- "$key" &&
        refuses 1 m rejected show "$key" -- "$key"
}

follows()
{
    local pid good status
    "$satchel" --dir "$mei" sync --follow --json >"$tap_dir/follow" 2>&1 &
    pid=$!
    wait_until 20 grep -q '"complete": true' "$tap_dir/follow" &&
        m note add 老王茶庄 "while it follows" &&
        wait_until 20 grep -q '"pushed": 1' "$tap_dir/follow"
    good=$?
    kill -INT "$pid"
    wait "$pid"
    status=$?
    cat "$tap_dir/follow"
    [ "$good" -eq 0 ] && [ "$status" -eq 130 ]
}

new_passphrase()
{
    SATCHEL_PASSPHRASE=$world_passphrase \
        SATCHEL_NEW_PASSPHRASE="another passphrase" fails 0 m passphrase &&
        m lock &&
        SATCHEL_PASSPHRASE=$world_passphrase fails 1 m unlock &&
        SATCHEL_PASSPHRASE="another passphrase" fails 0 m unlock &&
        fails 0 m account list && says "老王茶庄"
}

check "back online: everything goes up" synced
check "two people, one field: both values, who and when; one is chosen" conflict
check "settling is undone; nothing that stood is lost from the log" \
    settling_is_undone
check "a refused edit keeps what was typed, and is sent again" refusal
check "sync --follow sends what another command writes, and stops at Ctrl-C" \
    follows
check "another passphrase opens it, the old one does not" new_passphrase
tap_done
