# shellcheck shell=bash
# tap.sh - what the end-to-end tests share on top of lib.sh. Sourced by bash.
#
#     tap_begin                a new world under TMPDIR
#     check NAME COMMAND...    one test point: holds when COMMAND succeeds
#     fails STATUS COMMAND...  succeeds when COMMAND ends with this status;
#                              what it said lies in $said
#     says WORDS...            each stands in $said
#     json EXPRESSION [FILE]   Python, of the JSON document in $said as `d`
#     holds EXPRESSION [FILE]  it is true
#     is EXPRESSION VALUE      it is printed as VALUE
#     types DEVICE N WORDS...  a command on a device, its words counted in
#                              $inputs
#     skip NAME REASON...      a point that cannot be tried here
#     tap_done                 the plan; the last line of a test
# A test that ends early misses its plan, and so fails.

SATCHEL_ROOT=${SATCHEL_SOURCE_ROOT:-$(cd \
    "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)} || exit 1
SATCHEL_BUILD=${SATCHEL_BUILD:-$SATCHEL_ROOT/build}
# shellcheck source=tests/e2e/lib.sh
. "$SATCHEL_ROOT/tests/e2e/lib.sh"

tap_count=0
tap_failed=0
tap_dir=   # everything; $tap_dir/world are the tiers, and nothing else
said=
inputs=0   # typed by a person since a test last set it to 0

tap_begin()
{
    tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX") || exit 1
    said=$tap_dir/said
    : >"$said"
    world_begin "$tap_dir/world" || exit 1
    trap tap_end EXIT
    # A sanitizer's report must not look like a refusal.
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:exitcode=99
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:halt_on_error=1:exitcode=99
    export LSAN_OPTIONS=${LSAN_OPTIONS:-}:exitcode=99
    echo "TAP version 13"
}

tap_end()
{
    world_end
    if [ "$tap_failed" -gt 0 ]; then
        # What the servers have to say about it.
        tail -n 8 "$world_dir"/*.log 2>/dev/null | sed 's/^/# /'
    fi
    rm -rf "$tap_dir"
}

check() # NAME COMMAND...
{
    local name=$1 status
    shift
    tap_count=$((tap_count + 1))
    "$@" >"$tap_dir/check.out" 2>&1
    status=$?
    if [ "$status" -eq 0 ]; then
        echo "ok $tap_count - $name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $name"
        echo "# ended with $status: $*"
        head -n 40 "$tap_dir/check.out" | sed 's/^/# | /'
    fi
    return "$status"
}

skip() # NAME REASON...
{
    local name=$1
    shift
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $name # SKIP $*"
}

fails() # STATUS COMMAND...
{
    local wanted=$1 status
    shift
    "$@" >"$said" 2>&1
    status=$?
    cat "$said"
    if [ "$status" -ne "$wanted" ]; then
        echo "ended with $status, not $wanted: $*"
        return 1
    fi
}

# The bytes of a text as the tables show them.
hex() # TEXT
{
    printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

says() # WORDS...
{
    local words missing=0
    for words in "$@"; do
        if ! grep -qF -- "$words" "$said"; then
            echo "it does not say: $words"
            missing=1
        fi
    done
    if [ "$missing" -ne 0 ]; then
        sed 's/^/it says: /' "$said"
    fi
    return "$missing"
}

json() # EXPRESSION [FILE]
{
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
print(eval("(" + sys.argv[2] + ")"))' "${2:-$said}" "$1"
}

holds() # EXPRESSION [FILE]
{
    [ "$(json "bool($1)" "${2:-$said}")" = True ] || {
        echo "does not hold: $1"
        cat "${2:-$said}"
        return 1
    }
}

is() # EXPRESSION VALUE
{
    [ "$(json "$1")" = "$2" ] || {
        echo "$1 is not $2"
        cat "$said"
        return 1
    }
}

# Behind the command's own N words everything is an input, save names of
# options, which are chosen, and the position of a check-in, which comes from
# the device.
types() # DEVICE N WORDS...
{
    local device=$1 own=$2 word before=
    shift 2
    for word in "${@:$((own + 1))}"; do
        case $word in
        --*) ;;
        *) [ "$before" = --at ] || inputs=$((inputs + 1)) ;;
        esac
        before=$word
    done
    rep "$device" "$@"
}

# Like fails, and what it said has all of WORDS (one argument each, after --).
refuses() # STATUS COMMAND... -- WORDS...
{
    local wanted=$1 command=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        command+=("$1")
        shift
    done
    shift
    fails "$wanted" "${command[@]}" && says "$@"
}

# What a server says of memory, it says into its log.
clean_logs()
{
    ! grep -E 'runtime error:|ERROR: [A-Za-z]*Sanitizer' -A 12 \
        "$world_dir"/*.log 2>/dev/null
}

tap_done()
{
    server_stop_all
    check "no sanitizer complains about a server" clean_logs
    echo "1..$tap_count"
    [ "$tap_failed" -eq 0 ]
    exit
}

# What lies in a store, by its key: values of records, sorted, to FILE; all
# entries to FILE.entries. The server must have stopped.
look_into() # device|server NAME FILE
{
    SATCHEL_PASSPHRASE=$world_passphrase "$SATCHEL_BUILD/tests/e2e/e2e-look" \
        "$1" "$world_dir/$2" >"$3.all" || return 1
    grep '^value' "$3.all" | cut -f 2- | sort >"$3"
    grep '^entry' "$3.all" | cut -f 2- >"$3.entries"
    rm -f "$3.all"
}
