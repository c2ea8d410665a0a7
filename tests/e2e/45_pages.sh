#!/usr/bin/env bash
# Goal: what the programs say of themselves is complete and in both languages:
# help, man pages and completion come from the tables that parse the command
# line, and errors of a server speak the language of who asked.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
share=$SATCHEL_BUILD/server/share
programs=("$world_satchel" "$world_ctl" "$world_satcheld")

# Every option and command of a program stands in both of its pages.
page_is_whole()
{
    local program page
    for program in "${programs[@]}"; do
        for page in "$share"/man/man?/"${program##*/}".? \
            "$share"/man/zh_CN/man?/"${program##*/}".?; do
            "$program" --help --json >"$said" || return 1
            python3 - "$said" "$page" <<'PY' || return 1
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
page = open(sys.argv[2], encoding="utf-8").read().replace("\\-", "-")
options = told["options"] + [o for c in told["commands"] for o in c["options"]]
wanted = [f"--{o['name']}" for o in options]
wanted += [f".SS {c['group']} {c['name']}".strip() for c in told["commands"]]
missing = [w for w in wanted if w not in page]
sys.exit(f"{sys.argv[2]} lacks {missing}" if missing else 0)
PY
        done
    done
}

has_chinese()
{
    local program
    for program in "${programs[@]}"; do
        "$program" --help --json --lang zh >"$said" || return 1
        python3 - "$said" <<'PY' || return 1
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
texts = [told["summary"]] + [c["summary"] for c in told["commands"]]
texts += [o["help"] for o in told["options"]]
texts += [o["help"] for c in told["commands"] for o in c["options"]]
texts += [e["meaning"] for e in told["environment"] + told["exits"]]
plain = [t for t in texts if not any(ord(x) > 0x2e7f for x in t)]
sys.exit(f"no Chinese: {plain}" if plain else 0)
PY
    done
}

# complete WORD...: what bash offers for the last of these words.
complete_with()
{
    bash -c '. "$1" || exit 1
        compopt() { :; }
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        "_$1"
        echo "${COMPREPLY[@]}"' - \
        "$share/bash-completion/completions/$1" "$@" >"$said" 2>&1
}

completion_offers()
{
    complete_with satchel acc && says account || return 1
    complete_with satchel account as && says assign || return 1
    complete_with satchel account assign --dr && says --dry-run || return 1
    complete_with satchel --lang "" && says "zh en" || return 1
    complete_with satchel --lang = && says "zh en" || return 1
    complete_with satchel account list --sort = p && says pinyin || return 1
    complete_with satchel --dir /x conflicts se && says settle || return 1
    complete_with satchelctl user sh && says share || return 1
    complete_with satcheld --uplink_w && says --uplink_window
}

# Every command's words and options are offered, and zsh's file knows them.
completion_is_whole()
{
    local program name group word options
    for program in satchel satchelctl; do
        name=$world_satchel
        [ "$program" = satchel ] || name=$world_ctl
        "$name" --help --json >"$tap_dir/told" || return 1
        json '"\n".join(" ".join([c["group"], c["name"] or "-"] +
            ["--" + o["name"] for o in c["options"]])
            for c in d["commands"])' "$tap_dir/told" >"$tap_dir/all" ||
            return 1
        while read -r group word options; do
            if [ "$word" = - ]; then
                complete_with "$program" "$group" && says "$group" || return 1
                complete_with "$program" "$group" -- || return 1
            else
                complete_with "$program" "$group" "$word" && says "$word" ||
                    return 1
                complete_with "$program" "$group" "$word" -- || return 1
            fi
            # shellcheck disable=SC2086 # a list
            [ -z "$options" ] || says $options --json || {
                echo "of: $program $group $word"
                return 1
            }
            grep -q -- "$group" "$share/zsh/site-functions/_$program" ||
                return 1
        done <"$tap_dir/all"
    done
}

speaks()
{
    fails 64 env LC_ALL=zh_CN.UTF-8 "$world_ctl" user ad || return 1
    says "没有命令" || return 1
    fails 64 "$world_ctl" --lang=fr status || return 1
    says "zh" || return 1
    fails 64 env LC_ALL=zh "$world_satcheld" --no_such 1 || return 1
    says "没有名为"
}

# Commands run on a thread of the connection, edits on the writer's.
server_speaks()
{
    world_head_office "Two languages" || return 1
    fails 1 ctl head-office --lang zh territory move nowhere --to east ||
        return 1
    says "没有" || return 1
    fails 1 ctl head-office --lang zh user set nobody --name X || return 1
    says "没有人员" || return 1
    fails 1 ctl head-office user set nobody --name X || return 1
    says "there is no person" || return 1
    ctl head-office --lang zh user list >"$said" || return 1
    says "登录名" "状态" || return 1
    ctl head-office --lang zh --json user list >"$said" || return 1
    says '"login"'
}

check "every option and command stands in the man pages" page_is_whole
check "every help text has its Chinese" has_chinese
check "completion offers commands, options and listed values" completion_offers
check "... of every command, all of them" completion_is_whole
check "usage errors speak the language of the environment" speaks
check "a server's refusals speak the language of who asked" server_speaks
tap_done
