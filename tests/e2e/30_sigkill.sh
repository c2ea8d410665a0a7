#!/usr/bin/env bash
# Goal: nothing is lost, and nothing comes twice, when each process in turn -
# the device's sync, the branch, head office - is killed with SIGKILL in the
# middle of an exchange and started again. The same day is played once without
# kills, then again and again from the same start with kills at random
# instants; at the end every store holds the same values.
#
# SATCHEL_SEED=N plays the instants of an earlier run.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

here=$(dirname "${BASH_SOURCE[0]}")
kills_each=4
seed=${SATCHEL_SEED:-$(date +%N | sed 's/^0*//')}
tiers="head-office east"
devices="ann bo"

tap_begin
RANDOM=$seed
echo "# seed $seed"

hold() { python3 -B "$here/hold.py" "$@"; }

now_ms() { date +%s%3N; }

# How long the exchanges take when nobody is killed, in milliseconds.
device_ms=0
uplink_ms=0

# Some instant of an exchange that has just begun. The first of a day comes in
# its first quarter, so that it surely meets work.
first=0
instant() # MILLISECONDS
{
    local ms=$((RANDOM % ($1 / (first ? 4 : 1) + 1) + 1))
    printf '%d.%03d' $((ms / 1000)) $((ms % 1000))
}

# ---- the start of each day --------------------------------------------------

import_shops() # SEED COUNT
{
    ctl head-office sample accounts --seed "$1" --count "$2" \
        --territories t1,t2 >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin
}

set_up()
{
    world_head_office "Kill" &&
        ctl head-office branch add east --territories t1,t2 &&
        ctl head-office user add ann --role rep --unit east --territories t1 &&
        ctl head-office user add bo --role rep --unit east --territories t2 &&
        import_shops 1 300 && world_branch east &&
        echo "uplink_rate_kib = 200" >>"$world_dir/east/satcheld.conf" ||
        return 1
    local device
    for device in $devices; do
        world_device "$device" east "$device" && rep "$device" sync ||
            return 1
    done
}

# Both sides have much to say, and the branch's line is slow: devices what they wrote, head office new shops.
everybody_works()
{
    local device
    server_stop east || return 1
    for device in $devices; do
        "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/$device" 200 |
            cut -d ' ' -f 2 >>"$tap_dir/made"
        [ "${PIPESTATUS[0]}" -eq 0 ] || return 1
    done
    import_shops 2 300
}

stop_servers() { server_stop east && server_stop head-office; }

keep_start()
{
    stop_servers && cp -a "$world_dir" "$tap_dir/start"
}

back_to_start()
{
    stop_servers && find "$world_dir" -mindepth 1 -delete &&
        cp -a "$tap_dir/start/." "$world_dir" &&
        server_start head-office && server_start east
}

# ---- the end of each day ----------------------------------------------------

round()
{
    local device
    for device in $devices; do
        rep "$device" sync || return 1
    done
    ctl east uplink now
}
nothing_to_say()
{
    local device
    for device in $devices; do
        rep "$device" sync --json | grep -q '"same": true' || return 1
    done
    ctl east uplink now | grep -q '^nothing_to_do: yes'
}
finish() # what must not take more than some rounds
{
    local i
    for i in 1 2 3 4 5 6; do
        round || return 1
        nothing_to_say && return 0
    done
    echo "still something to say after $i rounds"
    return 1
}

quiet_day()
{
    local start
    back_to_start && start=$(now_ms) && rep ann sync &&
        device_ms=$(($(now_ms) - start)) && rep bo sync &&
        start=$(now_ms) && ctl east uplink now &&
        uplink_ms=$(($(now_ms) - start)) && finish
}

look_at_all() # FOLDER
{
    local name
    mkdir -p "$1" && stop_servers || return 1
    for name in $tiers; do
        look_into server "$name" "$1/$name" || return 1
    done
    for name in $devices; do
        look_into device "$name" "$1/$name" || return 1
    done
}

same_as_without_kills()
{
    local name wrong=0
    finish && look_at_all "$tap_dir/now" || return 1
    for name in $tiers $devices; do
        echo "$name:"
        hold same "$tap_dir/quiet/$name" "$tap_dir/now/$name" || wrong=1
    done
    return "$wrong"
}

# ---- the kills --------------------------------------------------------------

hits=0 # kills that came before the exchange had ended

kill_device()
{
    local device pid
    for device in $devices; do
        # Not through rep: it is satchel itself that must die.
        "$world_satchel" --dir "$world_dir/$device" sync >"$said" 2>&1 &
        pid=$!
        sleep "$(instant "$device_ms")"
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        [ $? -ne 137 ] || hits=$((hits + 1))
    done
}

# kill_server NAME MILLISECONDS COMMAND...: while COMMAND talks to it.
kill_server()
{
    local name=$1 ms=$2 pid
    shift 2
    "$@" >"$said" 2>&1 &
    pid=$!
    sleep "$(instant "$ms")"
    kill -0 "$pid" 2>/dev/null && hits=$((hits + 1))
    server_stop "$name" KILL && server_start "$name" || return 1
    wait "$pid"
    # It either went on with the new process, or says: not now.
    case $? in
    0 | 1 | 3 | 69) return 0 ;;
    esac
    cat "$said"
    return 1
}

kill_branch()
{
    kill_server east "$device_ms" rep ann sync &&
        kill_server east "$device_ms" rep bo sync
}
kill_branch_uplink() { kill_server east "$uplink_ms" ctl east uplink now; }
kill_head_office()
{
    kill_server head-office "$uplink_ms" ctl east uplink now
}

play() # KILL...
{
    local i each
    hits=0
    for ((i = 0; i < kills_each; i++)); do
        first=$((i == 0))
        for each in "$@"; do
            "$each" || return 1
        done
    done
    [ "$hits" -gt 0 ] || {
        echo "no kill came in time; seed $seed"
        return 1
    }
}

check "an organisation with two reps" set_up
check "reps and head office work while the branch is away" everybody_works
check "(this is where each day starts)" keep_start
check "the day without kills" quiet_day
echo "# a device's sync takes $device_ms ms, the branch's $uplink_ms ms"
check "(its stores)" look_at_all "$tap_dir/quiet"
check "everything that was written is at head office" \
    hold made "$tap_dir/quiet/head-office" "$tap_dir/made"

for victim in kill_device kill_branch kill_branch_uplink kill_head_office; do
    who=${victim#kill_}
    who=${who//_/ }
    check "$who: back to the start" back_to_start
    if [ "$victim" = kill_branch_uplink ] ||
        [ "$victim" = kill_head_office ]; then
        check "$who: the devices have been there" \
            eval "rep ann sync && rep bo sync"
    fi
    check "$who: killed $kills_each times" play "$victim"
    echo "# $who: $hits kills came before the exchange had ended"
    check "$who: the same stores as without kills" same_as_without_kills
done
check "all of them in turn: back to the start" back_to_start
check "all of them in turn: killed" \
    play kill_device kill_branch kill_branch_uplink kill_head_office
check "all of them in turn: the same stores as without kills" \
    same_as_without_kills
tap_done
