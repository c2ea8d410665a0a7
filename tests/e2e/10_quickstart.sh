#!/usr/bin/env bash
# Goal: the first command that a stranger types works, says what it does, can
# be ended at any moment, and leaves no process behind.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
day=$tap_dir/day
# Every process that comes of it carries this.
export SATCHEL_E2E_MARK=$tap_dir

start() # ARG...: without building again
{
    "$SATCHEL_ROOT/quickstart" --build "$SATCHEL_BUILD" "$@" </dev/null
}

# Processes of a quickstart that are still there.
left()
{
    local file pid
    for file in /proc/[0-9]*/environ; do
        pid=${file#/proc/}
        pid=${pid%/environ}
        [ "$pid" != "$$" ] || continue
        if { tr '\0' '\n' <"$file" |
            grep -qx "SATCHEL_E2E_MARK=$tap_dir"; } 2>/dev/null &&
            grep -q 'satchel\|quickstart' "/proc/$pid/cmdline" 2>/dev/null; then
            tr '\0' ' ' <"/proc/$pid/cmdline"
            echo
        fi
    done
}
nothing_left() { [ -z "$(left)" ]; }
none_left()
{
    wait_until 10 nothing_left || {
        left
        return 1
    }
}

whole_day()
{
    fails 0 start --once --dir "$day" && says "all held" \
        "satchelctl --dir \$DIR/head-office show" "138 0000 0001" \
        "138 0000 0002"
}

# Every command that it names as the next one to type, typed.
commands_it_names()
{
    local server
    for server in head-office east west; do
        server_start "$server" || return 1
    done
    sed -n '/how to look further/,$p' "$said" |
        sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' |
        sed -n 's/ *#.*//; s/^  \(satchel\)/\1/p' >"$tap_dir/commands"
    sed -n 's/^  \(shop=.*\)/\1/p' "$said" >"$tap_dir/shop"
    [ "$(wc -l <"$tap_dir/commands")" -ge 8 ] || {
        cat "$said"
        return 1
    }
    run_commands
}

# The rep's and the manager's day of README, in the same place. What has a word
# in capitals to fill in is left out.
commands_of_readme()
{
    sed -n "/^## A rep's and a manager's day/,/^## What/p" \
        "$SATCHEL_ROOT/README.md" |
        sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' |
        sed -n 's/ *# .*//; s/^    \([a-zA-Z]\)/\1/p' | grep -v ' KEY ' \
        >"$tap_dir/commands"
    [ "$(wc -l <"$tap_dir/commands")" -ge 25 ] || {
        cat "$tap_dir/commands"
        return 1
    }
    echo "DIR=$day" >"$tap_dir/shop"
    run_commands
}

run_commands()
(
    PATH=$SATCHEL_BUILD/server:$SATCHEL_BUILD/client-core:$PATH
    export PATH SATCHEL_PASSPHRASE=$world_passphrase
    cd "$day" || return 1
    # shellcheck source=/dev/null
    . "$tap_dir/shop"
    while read -r line; do
        case $line in satcheld*) continue ;; esac
        echo "\$ $line"
        eval "$line"
        status=$?
        case $line in
        *"--as jun") [ "$status" -eq 1 ] || return 1 ;;
        *) [ "$status" -eq 0 ] || return 1 ;;
        esac
    done <"$tap_dir/commands"
)

# In a process group of its own, as a terminal runs it: bash ignores Ctrl-C in
# what it starts in the background.
begin() # ARG...
{
    : >"$tap_dir/out"
    set -m
    start "$@" >"$tap_dir/out" 2>&1 &
    group=$!
    set +m
}
reached() { grep -q "$1" "$tap_dir/out"; }
ended() { ! kill -0 "$group" 2>/dev/null; }

interrupt() # SIGNAL WORDS STATUS: when WORDS have been printed
{
    wait_until 60 reached "$2" || {
        cat "$tap_dir/out"
        return 1
    }
    kill "-$1" -- "-$group"
    wait_until 30 ended || {
        cat "$tap_dir/out"
        kill -KILL -- "-$group"
        return 1
    }
    wait "$group"
    local status=$?
    cat "$tap_dir/out"
    [ "$status" -eq "$3" ]
}

check "an unknown option is refused with the usage" \
    refuses 64 start --onec -- "--onec" "./quickstart --once"
check "--dir without a directory is refused" \
    refuses 64 start --dir -- "--dir needs a directory"
check "--help says what there is" \
    refuses 0 start --help -- "--once" "--dir DIR"
mkdir "$tap_dir/full" && echo mine >"$tap_dir/full/letter"
check "somebody's directory is left alone" \
    refuses 64 start --once --dir "$tap_dir/full" -- "is not empty" "--dir"
check "(the letter is still there)" grep -qx mine "$tap_dir/full/letter"
deep=$tap_dir/$(printf 'deep%.0s' {1..20})
check "a path too long for sockets is named before anything starts" \
    refuses 70 start --once --dir "$deep" -- "too long" "$deep"

check "the whole day holds" whole_day
check "nothing is left running" none_left
# shellcheck disable=SC2034 # of lib.sh
world_dir=$day
check "every command that it names works as it stands" commands_it_names
check "README's day works as it stands" commands_of_readme
check "(servers stop)" server_stop_all
world_dir=$tap_dir/world

begin --dir "$day"
check "the same directory once more: it says that the day is made anew" \
    wait_until 60 reached "is made anew"
check "a second one at the same time in the same directory is refused" \
    refuses 64 start --once --dir "$day" -- "another quickstart runs in $day"
check "Ctrl-C in the middle ends it" interrupt INT "visits each" 130
check "nothing is left running after that" none_left
begin --dir "$day"
check "Ctrl-C at the end, while servers run, is how it ends" \
    interrupt INT "Ctrl-C ends them" 0
check "nothing is left running after that either" none_left
world_dir=$day
tap_done
