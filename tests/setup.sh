# shellcheck shell=bash
# setup.sh - what tests/run and quickstart share: installing what is missing,
# configuring a build directory, running a step that Ctrl-C can end.
# Sourced by bash; the caller has set SATCHEL_ROOT.

export LC_ALL=C.UTF-8

# The process group of the step that runs now; 0 when there is none.
satchel_step=0

satchel_say() { printf '%s\n' "== $*"; }
satchel_fail() { printf '%s\n' "error: $*" >&2; }

# Runs a command in a process group of its own, so that a signal to the script
# alone still reaches all of it. Returns its exit status.
satchel_run()
{
    local status
    set -m
    "$@" </dev/null &
    satchel_step=$!
    set +m
    wait "$satchel_step"
    status=$?
    satchel_step=0
    return "$status"
}

# For traps: ends the running step, gives it ten seconds to clean up.
satchel_stop_step()
{
    local group=$satchel_step tries=0
    [ "$group" -ne 0 ] || return 0
    satchel_step=0
    kill -TERM -- "-$group" 2>/dev/null
    while kill -0 -- "-$group" 2>/dev/null && [ "$tries" -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL -- "-$group" 2>/dev/null
    wait "$group" 2>/dev/null
}

# satchel_packages build|all: names from tests/packages.
satchel_packages()
{
    local purpose name rest
    while read -r purpose name rest; do
        case $purpose in
        build) echo "$name" ;;
        test) if [ "$1" = all ]; then echo "$name"; fi ;;
        esac
    done <"$SATCHEL_ROOT/tests/packages"
}

satchel_installed()
{
    dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'
}

# satchel_need build|all: installs the packages that are missing, in one call.
# Does not touch the network when nothing is.
satchel_need()
{
    local name missing=() root=()
    if ! command -v dpkg >/dev/null; then
        satchel_say "not a Debian system: assuming that the packages of" \
            "tests/packages are there"
        return 0
    fi
    for name in $(satchel_packages "$1"); do
        satchel_installed "$name" || missing+=("$name")
    done
    if [ "${#missing[@]}" -eq 0 ]; then
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            satchel_fail "these packages are missing: ${missing[*]}"
            satchel_fail "run this as root, or: apt-get install ${missing[*]}"
            return 1
        fi
        root=(sudo)
    fi
    satchel_say "installing ${missing[*]}"
    # An index in the middle of a mirror's update fails once, then works.
    if ! satchel_run "${root[@]}" apt-get update -qq; then
        sleep 2
        satchel_run "${root[@]}" apt-get update -qq ||
            satchel_say "apt-get update failed; trying with what is known"
    fi
    if ! satchel_run "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"; then
        satchel_fail "apt-get could not install: ${missing[*]}"
        satchel_fail "is the network there? Else install them by hand"
        return 1
    fi
}

# satchel_configure DIR COMPILER OPTION...: makes or updates a build directory.
satchel_configure()
{
    local dir=$1 compiler=$2 stamp=$1/satchel-options
    shift 2
    if [ -f "$dir/meson-private/coredata.dat" ] &&
        [ -f "$dir/build.ninja" ]; then
        # meson configure makes everything regenerate, also for nothing.
        if [ "$(cat "$stamp" 2>/dev/null)" = "$compiler $*" ] ||
            satchel_run meson configure "$dir" "$@" >/dev/null; then
            echo "$compiler $*" >"$stamp"
            return 0
        fi
        satchel_say "$dir does not fit any more, starting it anew"
    fi
    rm -rf "$dir"
    CC=$compiler satchel_run meson setup "$dir" "$SATCHEL_ROOT" "$@" &&
        echo "$compiler $*" >"$stamp"
}
