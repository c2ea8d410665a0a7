#!/usr/bin/env bash
# Goal: what goes wrong is said in one message that names the thing and the way
# out; nothing is lost by it and nothing is left half-done. Settings, ports,
# keys and stores of servers; files for import; passphrases, codes, revoked
# devices; several commands at once on one device.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"
east=$world_dir/east

set_up()
{
    world_head_office "Bad input" &&
        ctl head-office branch add east --territories t1,t2 &&
        ctl head-office user add ann --role rep --unit east \
            --territories t1 &&
        ctl head-office sample accounts --count 40 --territories t1,t2 \
            >"$files/shops.csv" &&
        ctl head-office import accounts "$files/shops.csv" --as admin &&
        world_branch east && world_device ann east ann && rep ann sync
}

check "an organisation with a branch and a rep" set_up
shop=$(rep ann account list --ids --limit 1)

# ---- servers ----------------------------------------------------------------

satcheld() # DIR ARG...: in the foreground; it must refuse by itself
{
    local dir=$1
    shift
    timeout 20 "$world_satcheld" --dir "$dir" "$@" </dev/null
}

# with_line LINE STATUS WORDS...: as the last line of satcheld.conf
with_line()
{
    local line=$1 status=$2 result
    shift 2
    cp "$east/satcheld.conf" "$tap_dir/conf"
    printf '\n%s\n' "$line" >>"$east/satcheld.conf"
    refuses "$status" satcheld "$east" -- "satcheld.conf:" "$@"
    result=$?
    cp "$tap_dir/conf" "$east/satcheld.conf"
    return "$result"
}

key_away()
{
    local result
    mv "$east.key" "$tap_dir/key"
    refuses 1 satcheld "$east" -- "$east.key" "bring it back" "--key_file"
    result=$?
    mv "$tap_dir/key" "$east.key"
    return "$result"
}

key_open()
{
    local result
    chmod 644 "$east.key"
    refuses 1 satcheld "$east" -- "$east.key" "others can read" "chmod 600"
    result=$?
    chmod 600 "$east.key"
    return "$result"
}

damaged() # HOW WORDS...
{
    local how=$1 data=$tap_dir/damaged/store/db/data.mdb
    shift
    rm -rf "$tap_dir/damaged"
    cp -a "$east" "$tap_dir/damaged"
    cp "$east.key" "$tap_dir/damaged.key"
    case $how in
    cut) truncate -s 20000 "$data" ;;
    flip) python3 -c 'import sys
# The last byte of a page of LMDB is of a stored value.
data = bytearray(open(sys.argv[1], "rb").read())
for i in range(2 * 4096, len(data), 4096):
    data[i + 4095] ^= 0x10
open(sys.argv[1], "wb").write(data)' "$data" ;;
    esac
    refuses 74 satcheld "$tap_dir/damaged" -- "$@" "backup"
}

check "(the branch stops)" server_stop east
check "a setting that is none: file, line, and the nearest" \
    with_line "lisen = tcp://127.0.0.1:1" 64 '"lisen"' '"listen"'
check "a number that is none: what to write" \
    with_line "contexts = many" 64 "contexts = many" "1 to 1024"
check "a number out of bounds" \
    with_line "contexts = 100000" 64 "contexts = 100000" "1 to 1024"
check "a line without =" with_line "contexts" 64 "key = value"
check "an option that is none" \
    refuses 64 satcheld "$east" --lisen x -- '"lisen"' '"listen"'
check "a port in use" \
    refuses 1 satcheld "$east" --listen "$(server_endpoint head-office)" -- \
    "$(server_endpoint head-office)" "another process uses this port" \
    "--listen"
check "an address that is none" \
    refuses 64 satcheld "$east" --listen ipc:///x -- "ipc:///x" "tcp://"
check "a store that another server has open: which process" \
    refuses 1 satcheld "$world_dir/head-office" -- "head-office/store" \
    "is in use by process $(server_pid head-office)"
check "no server here: how to make one" \
    refuses 1 satcheld "$tap_dir/nowhere" -- "$tap_dir/nowhere" \
    "satchelctl init"
check "a second head office in one place" \
    refuses 1 ctl head-office init --organisation x -- "head-office" \
    "lives here already"
check "a key file that is gone" key_away
check "another server's key" \
    refuses 1 satcheld "$east" --key_file "$world_dir/head-office.key" -- \
    "head-office.key is not the key of" "--key_file"
check "a key that others can read" key_open
check "a data file that was cut off" damaged cut "data.mdb is truncated"
check "a data file with a flipped bit in each page" damaged flip "$tap_dir/damaged"
check "a command to a server that does not run" \
    refuses 69 ctl east status -- "east/control" "start it"
check "after all that the branch starts, and has everything" \
    eval 'server_start east && ctl east show | grep -q "^account *40 "'
check "what only head office may do" \
    refuses 1 ctl east user add eve --role rep -- "head office"

# ---- files for import -------------------------------------------------------

accounts() { ctl head-office show | sed -n 's/^account *\([0-9]*\).*/\1/p'; }

comes_in() # NAME: one account of files/NAME.csv
{
    local before
    before=$(accounts)
    fails 0 ctl head-office import accounts "$files/$1.csv" --as admin &&
        says "imported: 1" && [ "$(accounts)" -eq $((before + 1)) ]
}

stays_out() # NAME WORDS...: nothing of it came in
{
    local name=$1 before
    shift
    before=$(accounts)
    refuses 1 ctl head-office import accounts "$files/$name.csv" --as admin \
        -- "$@" && [ "$(accounts)" -eq "$before" ]
}

head='name,territory\n'
# shellcheck disable=SC2059 # the header is a format on purpose
{
    printf "\xef\xbb\xbf${head}BOM Shop,t1\n" >"$files/bom.csv"
    printf "${head}王记茶行,t1\n" | iconv -t GB18030 >"$files/gb18030.csv"
    printf "${head}李记茶行,t1\n" | iconv -t UTF-16 >"$files/utf16.csv"
    printf "${head}\"Unclosed,t1\nNext,t1\n" >"$files/unclosed.csv"
    printf "${head}A\xff\xfeB,t1\n" >"$files/bytes.csv"
    printf "${head}A\x00B,t1\n" >"$files/nul.csv"
    printf "${head}A,nowhere\n" >"$files/place.csv"
    printf "${head},t1\n" >"$files/nameless.csv"
    printf "title,place\nA,t1\n" >"$files/columns.csv"
    : >"$files/empty.csv"
}
python3 - "$files" <<'END'
import sys
def write(name, text):
    open(f"{sys.argv[1]}/{name}.csv", "w").write(text)
write("wide", "name,territory" + ",x" * 1000000 + "\n")
write("wide-row", "name,territory\nA,t1" + ",x" * 1000000 + "\n")
write("long-cell", 'name,territory\n"' + "x" * 5000000 + '",t1\n')
END

check "a byte order mark is no part of the first column" comes_in bom
check "GB18030 is found out" comes_in gb18030
check "UTF-16 is found out" comes_in utf16
check "a quote that is never closed: where it was opened" \
    stays_out unclosed "line 2" "never closed"
check "a million columns" stays_out wide "line 1" "1000002 columns" "1024"
check "a row of a million cells" \
    stays_out wide-row "line 2" "1000002 cells" "double quotes"
check "a cell of five million bytes" \
    stays_out long-cell "line 2" "closing quote"
check "bytes of no encoding" stays_out bytes "line 2, column 1" "UTF-8"
check "a NUL byte" stays_out nul "line 2, column 1" "NUL"
check "a territory that is none" \
    stays_out place "line 2, column 2" '"nowhere"' "territory list"
check "an account without a name" stays_out nameless "line 2" "name is empty"
check "no column for the name" stays_out columns "--map"
check "an empty file" stays_out empty "empty.csv" "empty"
check "no file" stays_out none "none.csv" "No such file"
check "under nobody's name" \
    refuses 1 ctl head-office import accounts "$files/bom.csv" --as eve -- \
    '"eve"' "user list"

# ---- one device -------------------------------------------------------------

wrong_passphrase()
{
    rep ann lock &&
        SATCHEL_PASSPHRASE="not this one" refuses 1 "$world_satchel" \
            --dir "$world_dir/ann" unlock -- "wrong passphrase" "try again" &&
        refuses 1 env -u SATCHEL_PASSPHRASE "$world_satchel" \
            --dir "$world_dir/ann" account list -- "locked" "satchel unlock" &&
        rep ann unlock && rep ann account list | grep -q .
}

used_code()
{
    local code
    code=$(ctl east device enrol --user ann | answer code)
    rep second enrol "$code" --yes &&
        refuses 1 rep third enrol "$code" --yes -- "used or expired" \
            "ask your administrator"
}

# Two commands at once, and a sync: everything that was acknowledged is there.
many_at_once()
{
    local i pids=() failed=0
    "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/ann" 100 \
        >"$tap_dir/written" &
    pids+=($!)
    rep ann sync >"$tap_dir/sync.out" 2>&1 &
    pids+=($!)
    for i in $(seq 1 10); do
        rep ann note add "$shop" "at once $i" >>"$tap_dir/written" || failed=1
    done
    for i in "${pids[@]}"; do
        wait "$i" || failed=1
    done
    cat "$tap_dir/sync.out"
    [ "$failed" -eq 0 ] && rep ann sync &&
        [ "$(rep ann note list --ids | wc -l)" -eq 110 ] &&
        [ "$(rep ann visit list --ids | wc -l)" -eq 100 ] &&
        rep ann status --json | grep -q '"pending": 0'
}

# The second of two syncs does not spoil the first.
two_syncs()
{
    local first second
    "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/ann" 100 >/dev/null ||
        return 1
    rep ann sync >"$tap_dir/first" 2>&1 &
    first=$!
    rep ann sync >"$said" 2>&1
    second=$?
    wait "$first"
    first=$?
    cat "$tap_dir/first" "$said"
    # One of them may have been told that the other is at it.
    [ "$first" -eq 0 ] || [ "$second" -eq 0 ] || return 1
    [ "$first" -le 3 ] && [ "$second" -le 3 ] && rep ann sync &&
        rep ann status --json | grep -q '"pending": 0'
}

# What a revoked device has not sent is handed in for review, and taken into no
# state; its journal stays, the customers go.
revoked()
{
    local number
    number=$(rep ann status --json | json_number device)
    rep ann note add "$shop" "written before I was revoked" &&
        ctl east device revoke "$number" &&
        refuses 1 rep ann sync -- "has been revoked" "journal is kept" \
            "for review: 1" &&
        rep ann status --json | grep -q '"quarantined": 1' &&
        rep ann status --json | grep -q '"pending": 0' &&
        [ -z "$(rep ann account list)" ] &&
        refuses 1 rep ann sync -- "has been revoked"
}

server_has_none_of_it()
{
    [ "$(ctl east show | sed -n 's/^note *\([0-9]*\).*/\1/p')" -eq 210 ]
}

check "a wrong passphrase" wrong_passphrase
check "a code that is none" \
    refuses 1 rep nobody enrol SATCHEL1:ABC --yes -- "SATCHEL1:" \
    "ask your administrator"
check "a code for the second time" used_code
check "several commands at once on one device, during a sync" many_at_once
check "two syncs at once on one device" two_syncs
check "a revoked device is refused and keeps its journal" revoked
check "(the server took nothing of it)" server_has_none_of_it
check "to revoke what is not there" \
    refuses 1 ctl east device revoke 999 -- "999" "device list"
tap_done
