#!/usr/bin/env bash
# Goal: a peer that sends garbage, truncated, oversized, bent and replayed
# frames to a branch changes nothing there, while a real device next to it
# saves and syncs undisturbed.
#
# SATCHEL_SEED=N sends what an earlier run sent.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

here=$(dirname "${BASH_SOURCE[0]}")
seed=${SATCHEL_SEED:-$(date +%N | sed 's/^0*//')}
rounds=120
rss_max_kib=400000 # far above what a sanitized build needs

tap_begin
echo "# seed $seed"
proxy_pid=

peer_end()
{
    [ -z "$proxy_pid" ] || kill "$proxy_pid" 2>/dev/null
    tap_end
}
trap peer_end EXIT

set_up()
{
    world_head_office "Hostile" &&
        ctl head-office branch add east --territories t1,t2 &&
        ctl head-office user add ann --role rep --unit east \
            --territories t1 &&
        ctl head-office user add bo --role rep --unit east \
            --territories t2 &&
        ctl head-office sample accounts --count 60 --territories t1,t2 \
            >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east && world_device bo east bo && rep bo sync
}

proxy_there() { ! world_port_free "$proxy_port"; }
start_proxy()
{
    proxy_port=$(world_port)
    python3 -B "$here/peer.py" proxy "$proxy_port" "${world_ports[east]}" \
        "$tap_dir/frames" &
    proxy_pid=$!
    wait_until 10 proxy_there
}

# Enrolment and a sync, as they went over the wire.
record_frames()
{
    local code
    code=$(ctl east device enrol --user ann \
        --endpoint "tcp://127.0.0.1:$proxy_port" | answer code)
    rep ann enrol "$code" --yes && rep ann unlock && rep ann sync &&
        "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/ann" 5 &&
        rep ann sync && rep ann sync --json | grep -q '"same": true' &&
        [ "$(wc -c <"$tap_dir/frames")" -gt 1000 ]
}

state_of_branch()
{
    ctl east show && ctl east device list && ctl east documents list &&
        ctl east log show | sort
}

# bo works on, and every sync of his must be as if there was nobody else.
device_syncs_meanwhile()
{
    local attacker i=0 status
    python3 -B "$here/peer.py" attack "${world_ports[east]}" \
        "$tap_dir/frames" "$seed" "$rounds" >"$tap_dir/assaults" 2>&1 &
    attacker=$!
    while kill -0 "$attacker" 2>/dev/null; do
        i=$((i + 1))
        "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/bo" 5 >/dev/null &&
            rep bo sync --json >"$tap_dir/sync" &&
            grep -q '"pending": 0' "$tap_dir/sync" &&
            grep -q '"tries": 1,' "$tap_dir/sync" || {
            cat "$tap_dir/sync"
            kill "$attacker"
            return 1
        }
    done
    wait "$attacker"
    status=$?
    cat "$tap_dir/assaults"
    synced=$i
    return "$status"
}

same_process() { server_alive east && [ "$(server_pid east)" = "$pid" ]; }

# What bo wrote is there; what ann sent came once, however often it was sent.
nothing_changed()
{
    local n=$((5 * synced + 5))
    ctl east show >"$said" && cat "$said"
    grep -q "^visit *$n " "$said" && grep -q "^note *$n " "$said" &&
        ctl east device list | sed 1d >"$tap_dir/devices.after" &&
        diff "$tap_dir/devices" "$tap_dir/devices.after"
}

memory_is_bounded()
{
    local kib
    kib=$(sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
    echo "$kib KiB"
    [ "$kib" -lt "$rss_max_kib" ]
}

no_alarm()
{
    ctl east status >"$said" && says "alarms: 0" "quarantined: 0" "refused: 0"
}

check "an organisation with two reps" set_up
check "(a proxy that keeps what passes)" start_proxy
check "ann enrols and syncs through it" record_frames
pid=$(server_pid east)
ctl east device list | sed 1d >"$tap_dir/devices"
synced=0
check "$rounds assaults, and bo syncs undisturbed" device_syncs_meanwhile
echo "# $synced syncs of bo meanwhile"
check "the branch is the same process" same_process
check "no commit came twice, no device was made" nothing_changed
check "nothing was refused, quarantined or alarmed about" no_alarm
check "its memory is bounded" memory_is_bounded
check "ann, whose frames were sent again and again, syncs as ever" \
    eval "rep ann note add \"\$(rep ann account list --ids --limit 1)\" x &&
        rep ann sync && rep ann sync --json | grep -q '\"same\": true'"
check "the branch ends when it is asked to" server_stop east
tap_done
