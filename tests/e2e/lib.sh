# shellcheck shell=bash
# lib.sh - a small world of real processes on loopback, for quickstart and the
# end-to-end tests. Sourced by bash.
#
# The caller sets SATCHEL_ROOT and SATCHEL_BUILD, then calls
#     world_begin DIR          an empty directory; traps end what was started
# and gets
#     world_port               a free port below 32768
#     server_place NAME        chooses where NAME listens: server_endpoint NAME
#     server_start NAME        satcheld on DIR/NAME, waits until it answers
#     server_stop NAME [SIG]   ends it and waits
#     server_stop_all
#     ctl NAME ARG...          satchelctl of that server
#     rep NAME ARG...          satchel on the device DIR/NAME, under
#                              world_passphrase
#     world_head_office ORGANISATION [ARG...], world_branch NAME,
#     world_device NAME BRANCH USER
#                              make one and start, enrol or unlock it
#     step TEXT COMMAND...     says what it does, runs it, shows why it failed
#     step_note TEXT...        inside: what stands behind "done"
#     wait_until SECONDS COMMAND...
# Every process is known by its pid file DIR/NAME.pid; nothing is ended by
# name.

export LC_ALL=C.UTF-8

world_dir=
world_passphrase=quickstart
world_steps=0
world_failed=0
declare -A world_ports=()

# Ephemeral ports start at 32768: one of those can be taken at any moment.
world_port_min=20000
world_port_max=32767
# How long a server may take to answer or to end, in tenths of a second. An
# instrumented build on a busy machine needs a good part of it.
world_patience=${SATCHEL_PATIENCE:-300}

world_begin()
{
    world_dir=$1
    world_satcheld=$SATCHEL_BUILD/server/satcheld
    world_ctl=$SATCHEL_BUILD/server/satchelctl
    world_satchel=$SATCHEL_BUILD/client-core/satchel
    local program missing=0
    for program in "$world_satcheld" "$world_ctl" "$world_satchel"; do
        if [ ! -x "$program" ]; then
            echo "error: $program is not built" >&2
            missing=1
        fi
    done
    [ "$missing" -eq 0 ] || return 1
    # A local socket's path has room for 107 bytes.
    if [ "${#world_dir}" -gt 80 ]; then
        echo "error: the path $world_dir is too long for local sockets;" \
            "choose one of at most 80 bytes" >&2
        return 1
    fi
    mkdir -p "$world_dir" || return 1
    trap world_interrupted INT TERM HUP
    trap world_end EXIT
}

world_interrupted()
{
    trap '' INT TERM HUP
    echo "interrupted" >&2
    exit 130
}

# Locks the devices (their agents end) and stops the servers.
world_end()
{
    local device
    trap '' INT TERM HUP
    for device in "$world_dir"/*/; do
        if [ -e "${device%/}.device" ]; then
            "$world_satchel" --dir "${device%/}" lock >/dev/null 2>&1
        fi
    done
    server_stop_all
}

# True when nobody listens there.
world_port_free()
{
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

world_port()
{
    local port tries
    for ((tries = 0; tries < 200; tries++)); do
        port=$((world_port_min +
            (RANDOM * 32768 + RANDOM) % (world_port_max - world_port_min)))
        if world_port_free "$port"; then
            echo "$port"
            return 0
        fi
    done
    echo "error: no free port between $world_port_min and" \
        "$world_port_max" >&2
    return 1
}

# wait_until SECONDS COMMAND...: runs it again until it succeeds.
wait_until()
{
    local tenths=$(($1 * 10)) i
    shift
    for ((i = 0; i < tenths; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

server_endpoint()
{
    echo "tcp://127.0.0.1:${world_ports[$1]}"
}

server_pid() { cat "$world_dir/$1.pid" 2>/dev/null; }

# A pid file outlives a crash, and pids come round: look at the program too.
server_alive()
{
    local pid
    pid=$(server_pid "$1") || return 1
    [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
        [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = \
            "$(readlink -f "$world_satcheld")" ]
}

# Starts once; returns 1 when it ended, 2 when it does not answer in time.
server_launch()
{
    local name=$1 i
    "$world_satcheld" --dir "$world_dir/$name" \
        </dev/null >>"$world_dir/$name.log" 2>&1 &
    echo $! >"$world_dir/$name.pid"
    disown $!
    for ((i = 0; i < world_patience; i++)); do
        kill -0 "$(server_pid "$name")" 2>/dev/null || return 1
        if ctl "$name" status >/dev/null 2>&1; then
            return 0
        fi
        sleep 0.1
    done
    return 2
}

# server_place NAME: chooses its port, once.
server_place()
{
    if [ -z "${world_ports[$1]:-}" ]; then
        world_ports[$1]=$(world_port)
    fi
}

# server_start NAME: where its satcheld.conf says, as it was made.
server_start()
{
    local name=$1 status
    if server_alive "$name"; then
        return 0
    fi
    server_launch "$name"
    status=$?
    if [ "$status" -ne 0 ]; then
        if [ "$status" -eq 1 ]; then
            echo "satcheld of $name ended:" >&2
        else
            echo "satcheld of $name does not answer:" >&2
            server_stop "$name" KILL
        fi
        tail -n 20 "$world_dir/$name.log" >&2
        rm -f "$world_dir/$name.pid"
    fi
    return "$status"
}

# server_stop NAME [SIGNAL]: TERM unless said otherwise; KILL when that does
# not help in time.
server_stop()
{
    local name=$1 signal=${2:-TERM} pid i
    pid=$(server_pid "$name")
    if server_alive "$name"; then
        kill -"$signal" "$pid" 2>/dev/null
        for ((i = 0; i < world_patience; i++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        if server_alive "$name"; then
            echo "satcheld of $name did not end by itself" >&2
            kill -KILL "$pid" 2>/dev/null
            rm -f "$world_dir/$name.pid"
            return 1
        fi
    fi
    rm -f "$world_dir/$name.pid"
}

server_stop_all()
{
    local file name
    for file in "$world_dir"/*.pid; do
        [ -e "$file" ] || continue
        name=${file##*/}
        server_stop "${name%.pid}"
    done
}

ctl()
{
    local name=$1
    shift
    "$world_ctl" --dir "$world_dir/$name" "$@"
}

# The mark DIR/NAME.device says that an agent may run for this device.
rep()
{
    local name=$1
    shift
    : >"$world_dir/$name.device"
    SATCHEL_PASSPHRASE=$world_passphrase \
        "$world_satchel" --dir "$world_dir/$name" "$@"
}

# The value of a line "KEY: VALUE" of satchelctl's answer.
answer() { sed -n "s/^ *$1: //p"; }

# The number of a member of satchel's JSON, one a line.
json_number() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p"; }

world_head_office()
{
    local organisation=$1
    shift
    server_place head-office || return 1
    ctl head-office init --organisation "$organisation" \
        --listen "$(server_endpoint head-office)" "$@" || return 1
    server_start head-office
}

# late_task OWNER DAY TITLE KIND [ACCOUNT]: a task whose day may be over. On a
# device nobody can make one; the branch east takes it in with its history, and
# the owner's device has it after her next sync.
late_task()
{
    printf '%s\n' "account,owner,due,title,kind,status" \
        "${5:-},$1,$2,$3,$4,open" >"$tap_dir/late.csv" &&
        ctl east import task "$tap_dir/late.csv" --as "$1" && rep "$1" sync
}

# The unit must be there: satchelctl branch add.
world_branch()
{
    local code
    server_place "$1" || return 1
    code=$(ctl head-office branch code "$1" | answer code) &&
        ctl "$1" branch join "$code" \
            --listen "$(server_endpoint "$1")" || return 1
    server_start "$1"
}

world_device()
{
    local code
    code=$(ctl "$2" device enrol --user "$3" | answer code) &&
        rep "$1" enrol "$code" --yes --label "$1" &&
        rep "$1" unlock
}

# step TEXT COMMAND...: one line of progress; output is shown when it fails.
step()
{
    local text=$1 status
    shift
    world_steps=$((world_steps + 1))
    printf '%3d  %s ... ' "$world_steps" "$text"
    rm -f "$world_dir/step.note"
    "$@" >"$world_dir/step.out" 2>&1
    status=$?
    if [ "$status" -eq 0 ]; then
        printf 'done'
        if [ -s "$world_dir/step.note" ]; then
            printf ' (%s)' "$(cat "$world_dir/step.note")"
        fi
        echo
    else
        world_failed=$((world_failed + 1))
        printf 'FAILED (%d)\n' "$status"
        sed 's/^/     | /' "$world_dir/step.out"
    fi
    return "$status"
}

step_note() { printf '%s' "$*" >"$world_dir/step.note"; }
