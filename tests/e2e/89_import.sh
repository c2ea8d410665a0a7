#!/usr/bin/env bash
# Goal: a large file with all that files have comes in (cap 13): a preview
# counts what would be created, updated, duplicate and refused before anything
# is changed; the list of refused rows can be mended and imported; the same
# file again changes nothing; a run that was stopped goes on. Telephone numbers
# are one number however they are typed (cap 10), and columns are found by the
# words of both languages (cap 14).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

import() # FILE ARG...
{
    local file=$1
    shift
    ctl head-office import accounts "$files/$file" --as admin "$@"
}
accounts() { ctl head-office show | sed -n 's/^account *\([0-9]*\).*/\1/p'; }

# 10,000 rows: 100 change what stands, 50 say a key twice, 30 are refused.
python3 - "$files" <<'END'
import csv
import sys

def write(name, rows, **how):
    with open(f"{sys.argv[1]}/{name}", "w", newline="",
              encoding=how.pop("encoding", "utf-8")) as file:
        csv.writer(file, **how).writerows(rows)

HEAD = ["客户编号", "名称", "区域", "电话", "联系人姓名", "Source"]

def row(i, name=None, phone=None):
    return [f"N{i:05}", name or f"店{i}", "t1",
            phone or f"1380000{i:04}", f"人{i}", "fair"]

write("first.csv", [HEAD] + [row(i) for i in range(100)])
rows = [row(i, name=f"新店{i}") for i in range(100)]
rows += [row(i) for i in range(100, 9920 - 50 - 20)]
rows += [row(i) for i in range(100, 150)]
rows += [["", "", "t1", "", "", ""] for _ in range(20)]
rows += [row(9900 + i)[:5] for i in range(10)]
rows += [row(i) for i in range(9850, 9850 + 10000 - len(rows))]
assert len(rows) == 10000
write("large.csv", [HEAD] + rows, delimiter=";", lineterminator="\r\n",
      encoding="gb18030")
write("phones.csv", [["number", "name", "territory", "phone"]] + [
    ["P1", "A", "t1", "１３８ 1234 5678"], ["P2", "B", "t1", "+86 138-1234-5678"],
    ["P3", "C", "t1", "0086 13812345678"], ["P4", "D", "t1", "030-0074321"],
    ["P5", "𠮷野家", "t1", "NULL"]])
write("many.csv", [["number", "name", "territory"]] + [
    [f"M{i}", f"M {i}", "t1"] for i in range(60000)])
END

check "head office starts" world_head_office "Import"
check "a territory, and whose it is" eval 'ctl head-office territory add t1 &&
    ctl head-office user add mia --role rep --territories t1'
check "columns are found by the labels of both languages (cap 14)" \
    import first.csv

preview()
{
    fails 1 import large.csv --key number --dry-run &&
        says "created: 9820" "updated: 100" "duplicate: 50" "refused: 30" \
            "30 rows would be refused" &&
        [ "$(accounts)" -eq 100 ]
}
come_in()
{
    fails 1 import large.csv --key number --errors "$files/left.csv" &&
        says "imported: 9920" "created: 9820" "updated: 100" \
            "duplicate: 50" "refused: 30" && [ "$(accounts)" -eq 9920 ]
}
listed()
{
    python3 - "$files/left.csv" <<'END'
import collections
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
codes = collections.Counter(r["import_code"] for r in rows)
assert codes == {"duplicate": 50, "required": 20, "cells": 10}, codes
assert all(r["import_line"].isdigit() and r["import_reason"] for r in rows)
mended = [r for r in rows if r["import_code"] == "required"]
for i, r in enumerate(mended):
    r["客户编号"], r["名称"] = f"R{i}", f"=Mended {i}"
with open(sys.argv[1] + ".mended.csv", "w", newline="") as file:
    w = csv.DictWriter(file, mended[0].keys(), extrasaction="ignore")
    w.writeheader()
    w.writerows(mended)
END
}
mended()
{
    fails 0 import left.csv.mended.csv --key number &&
        says "created: 20" "refused: 0" && [ "$(accounts)" -eq 9940 ]
}
again()
{
    fails 1 import large.csv --key number &&
        says "30 rows were refused" &&
        says "imported: 0" "unchanged: 9920" "refused: 30" &&
        [ "$(accounts)" -eq 9940 ]
}
contacts_stand_once()
{
    [ "$(ctl head-office show |
        sed -n 's/^contact *\([0-9]*\).*/\1/p')" -eq 9920 ]
}

check "cap 13: a preview of 10,000 rows counts created, updated, duplicate and refused" \
    preview
check "cap 13: then so many come in" come_in
check "what was left out is listed with line, code, reason and its cells" \
    listed
check "the list comes in when it is mended" mended
check "the same file again changes nothing" again
check "and makes no second contact" contacts_stand_once

phones()
{
    fails 0 import phones.csv --null NULL --phones "$files/typed.csv" &&
        says "phones_kept_as_typed: 1" &&
        grep -q 'phone_as_typed.*030-0074321' "$files/typed.csv" &&
        [ "$(wc -l <"$files/typed.csv")" -eq 2 ]
}
one_number()
{
    [ "$(ctl head-office account list --as mia --limit 20000 |
        grep -c '138 1234 5678')" -eq 3 ]
}
check "numbers that are not international are listed" phones
check "cap 10: full-width, +86 and 0086 are one number" one_number

piped()
{
    fails 0 eval "printf 'name,territory\nPiped,t1\n' |
        ctl head-office import accounts - --as admin" && says "imported: 1"
}
mapped()
{
    printf '"Company, name",Place\nMapped,t1\n' >"$files/m.csv"
    printf 'Company, name=name\nPlace=territory\n' >"$files/m.map"
    fails 0 import m.csv --map "$files/m.map" && says "imported: 1"
}
twice()
{
    printf 'name,territory\nTwin,t1\nTwin,t1\n' >"$files/twin.csv"
    fails 0 import twin.csv && says "imported: 1" "duplicate: 1" "line 3"
}
unknown()
{
    refuses 64 ctl head-office import nothing "$files/m.csv" --as admin -- \
        "no entity" "account, contact"
}
check "from a pipe" piped
check "a map may be a file" mapped
check "a row that stands twice comes in once" twice
check "an entity that is none" unknown

# ---- stopped in the middle --------------------------------------------------

# The import is ended as soon as it has told that something is in.
stop_in_the_middle()
{
    local pid
    "$world_ctl" --dir "$world_dir/head-office" import accounts \
        "$files/many.csv" --as admin >"$tap_dir/stopped" 2>&1 &
    pid=$!
    wait_until 60 more_than_before
    kill "$pid" 2>/dev/null # what Ctrl-C does on a terminal
    wait "$pid" 2>/dev/null
    wait_until 30 says_stopped
}
says_stopped()
{
    grep -q 'event=import .*error=SP_E_OFFLINE' "$world_dir/head-office.log"
}
more_than_before() { [ "$(accounts)" -gt "$before" ]; }
goes_on()
{
    fails 0 import many.csv && says "rows_of_an_earlier_run" || return 1
    [ "$(accounts)" -eq $((before + 60000)) ]
}
noted()
{
    fails 0 ctl head-office import list &&
        says "many.csv" "large.csv" "admin" "9920" &&
        fails 0 ctl head-office --json import list &&
        holds 'len(d["rows"]) > 3' &&
        holds 'd["rows"] == sorted(d["rows"], key=lambda r: r[0],
            reverse=True)'
}
before=$(accounts)
check "Ctrl-C in the middle" stop_in_the_middle
check "the same command goes on, and nothing stands twice" goes_on
check "who took in which file, how much of it, and its hash is noted" noted
tap_done
