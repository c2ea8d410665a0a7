#!/usr/bin/env bash
# Goal: what is in the system comes out in open formats that other programs
# read (cap 15): CSV, JSON Lines, SQLite, vCard, GeoJSON, iCalendar; an export
# that is imported into an empty server gives the same hash of every record.
# Formulas and rare characters come through as they were (cap 14). Who takes
# out how much is limited by role, noted, and shown (cap 108).
#
# cap 15, what people expect of the other formats, and where it is shown: vCard
# 3.0 and 4.0 with N, FN, TEL, EMAIL, ORG, TITLE, ADR, BDAY, GEO and how a name
# sounds, folded lines - here, unit-book-files, and read by another program in
# 98_inout, ADR and GEO in again there; iCalendar with stable UID, TZID, alarms,
# to-dos - 98_inout; SQLite with views, JSON Lines, GeoJSON - here.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

people() # SERVER: the same on both, so that numbers mean the same people
{
    ctl "$1" territory add t1 && ctl "$1" territory add t2 && ctl "$1" territory add t3 &&
        ctl "$1" user add mia --role manager &&
        ctl "$1" user add ann --role rep --territories t1 &&
        ctl "$1" user add bo --role rep --territories t3
}

python3 - "$files" <<'END'
import csv
import sys
rows = [["number", "name", "territory", "phone", "geo", "street", "city",
         "country", "tags", "potential_value", "contact_name",
         "contact_title", "contact_phones"]]
rows.append(["A1", "=cmd|' /C calc'!A0", "t1", "+8613812345678",
             "31.2304,121.4737,15", "南京东路1号, 2楼", "上海", "CN",
             "new|大客户", "1234.50 CNY", "𠮷野明", "Chef; \"Küche\"",
             "13900001111"])
rows.append(["A2", "Müller, \"Söhne\"", "t2", "030-0074321", "", "", "Berlin",
             "DE", "", "", "Anna Müller", "", ""])
rows.append(["A3", "123456789012345", "t1", "", "", "", "", "", "", "", "",
             "", ""])
for i in range(600):
    rows.append([f"B{i}", f"Shop {i}", "t1", "", "", "", "", "", "", "",
                 f"Person {i}", "", ""])
for i in range(150):
    rows.append([f"C{i}", f"茶行 {i}", "t3", "", "", "", "", "", "", "",
                 f"李{i}" if i < 3 else "", "经理" if i < 3 else "",
                 f"1390000{i:04}" if i < 3 else ""])
with open(sys.argv[1] + "/in.csv", "w", newline="") as file:
    csv.writer(file).writerows(rows)
END

export_to() # FILE FORMAT ARG...
{
    local file=$1
    shift
    ctl head-office export "$@" --out "$files/$file"
}

check "a server with people and records" eval '
    world_head_office Out && people head-office &&
    ctl head-office import accounts "$files/in.csv" --as admin'

# One of each that came after the first: what belongs to a customer, rules of
# the catalogue, evidence with bytes that nobody types, a set of groups.
newer()
{
    export_to ids.jsonl jsonl account --as admin --all &&
        python3 - "$files/ids.jsonl" "$files/newer.jsonl" <<'END' || return 1
import json
import sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
tea = [r["id"] for r in lines if r["fields"].get("number") == "A1"][0]
rice = [r["id"] for r in lines if r["fields"].get("number") == "A2"][0]
mark = "01970000-0000-7000-8000-%012d"
when = "2026-03-04T05:06:07Z"
of = {"account": tea, "author": "1"}
records = [
    ("attachment", of | {"at": when, "name": "门头 1.jpg",
                         "mime": "image/jpeg", "size": "4711",
                         "hash": "00ff" * 16, "chunks": "1"}),
    ("task", of | {"owner": "3", "title": "带样品", "due": "2026-04-01",
                   "due_at": when, "priority": "1", "status_reason": "x; y",
                   "comments": ["at=2026-03-04T05:06:07Z; text=a\\; b",
                                "at=2026-03-05T05:06:07Z; text=再约"],
                   "followers": ["4", "2"]}),
    ("campaign", {"name": "Spring", "event_date": "2026-04-05",
                  "prepare_by": when, "control_share": "10",
                  "products": ["茶", "T-2"], "state": "running",
                  "members_count": "3", "kind": "offer"}),
    ("coupon", {"account": tea, "serial": "0012345678901234",
                "value": "20.00 CNY", "from": "2026-04-01",
                "campaign": mark % 3, "cancelled": "false"}),
    ("data_rule", {"name": "Kept five years", "kind": "retention",
                   "days": "1825", "active": "true"}),
    ("erasure_order", {"author": "1", "at": when, "rule": mark % 5,
                       "accounts": "1", "why": "五年", "approver": "2",
                       "approved": when}),
    ("erasure", {"author": "1", "at": when, "rule": mark % 5,
                 "account": mark % 99, "records": "7", "last": "2020-01-31",
                 "order": mark % 6}),
    ("contest", {"name": "Full files", "metric": "completeness",
                 "from": "2026-01-01", "until": "2026-03-31", "prize": "🏆"}),
    ("deadline_rule", {"name": "Filed in a day", "about": "visit",
                       "hours": "24", "clock": "business", "warn_hours": "0",
                       "active": "true"}),
    ("quality_issue", {"account": tea, "kind": "duplicate", "at": when,
                       "other": rice, "remark": "two shops", "cleared": when}),
    ("purchase", of | {"number": "=1+1", "date": "2026-03-04",
                       "amount": "-0.05 CNY", "products": ["a|b", "茶"]}),
]
with open(sys.argv[2], "w", encoding="utf-8") as out:
    for i, (kind, fields) in enumerate(records, 1):
        out.write(json.dumps({"type": kind, "id": mark % i, "fields": fields},
                             ensure_ascii=False) + "\n")
END
    fails 0 ctl head-office import jsonl "$files/newer.jsonl" --as admin &&
        says "created: 11" "refused: 0"
}
no_such_bytes()
{
    local change
    for change in 's/"00ff/"00FF/p' 's/"00ff/"zzff/p' 's/"00ff/"0ff/p' \
        's/"00ff/"/p'; do
        sed -n "1$change" "$files/newer.jsonl"
    done >"$files/bytes.jsonl"
    refuses 1 ctl head-office import jsonl "$files/bytes.jsonl" --as admin -- \
        "line 1: hash" "line 2: hash" "line 3: hash" \
        "line 4: this record is here and says something else"
}
check "records of each kind that came later" newer
check "bytes that are none are refused by number" no_such_bytes

csv_reads()
{
    fails 0 export_to a.csv csv account --as admin --all &&
        says "exported: 753" || return 1
    python3 - "$files/a.csv" <<'END'
import csv
import sys
raw = open(sys.argv[1], "rb").read()
assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == 754
rows = {r["number"]: r for r in csv.DictReader(
    raw.decode("utf-8-sig").splitlines(keepends=True))}
assert rows["A1"]["name"] == "'=cmd|' /C calc'!A0", rows["A1"]
assert rows["A1"]["phone_main"] == "'+8613812345678"
assert rows["A1"]["address.street"] == "南京东路1号, 2楼"
assert rows["A1"]["potential_value"] == "1234.50 CNY"
assert set(rows["A1"]["tags"].split("|")) == {"new", "大客户"}
assert rows["A2"]["name"] == 'Müller, "Söhne"'
assert rows["A3"]["name"] == "'123456789012345"
END
}
labels()
{
    fails 0 export_to zh.csv csv account --as admin --all --labels zh \
        --no-bom &&
        head -n 1 "$files/zh.csv" | grep -q '^id,客户编号,名称' &&
        fails 0 export_to c.csv csv contact --as admin --all &&
        grep -q 𠮷野明 "$files/c.csv"
}
# What came out comes in again as it was.
csv_again()
{
    fails 0 ctl head-office import accounts "$files/a.csv" --key number \
        --as admin && says "unchanged: 753" "refused: 0"
}
check "cap 15: CSV that spreadsheets and programs read, formulas harmless" \
    csv_reads
check "labels of fields in Chinese; cap 14: a character beyond the BMP" labels
check "an exported CSV imported again changes nothing" csv_again

not_twice()
{
    refuses 1 export_to a.csv csv account --as admin --all -- \
        "there is such a file" "--force" &&
        fails 0 export_to a.csv csv account --as admin --all --force &&
        [ "$(stat -c %a "$files/a.csv")" = 600 ] &&
        ! ls "$files" | grep -q part-
}
to_stdout()
{
    [ "$(ctl head-office export jsonl account --as admin --all --out - \
        2>/dev/null | cut -d , -f 1 | sort | uniq -c | tr '\n' ' ' |
        tr -s ' ')" = ' 753 {"type":"account" 1 {"type":"export_job" ' ]
}
check "a file that is there stays, unless --force says so" not_twice
check "to standard output" to_stdout

sqlite_reads()
{
    fails 0 export_to all.db sqlite --as admin --all || return 1
    python3 - "$files/all.db" <<'END'
import sqlite3
import sys
db = sqlite3.connect(sys.argv[1])
assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
assert db.execute("SELECT count(*) FROM account").fetchone() == (753,)
row = db.execute("SELECT account_name, name FROM contact_view WHERE name=?",
                 ("𠮷野明",)).fetchone()
assert row == ("=cmd|' /C calc'!A0", "𠮷野明"), row
tags = {v for v, in db.execute("SELECT value FROM account_tags")}
assert tags == {"new", "大客户"}
END
}
geojson_reads()
{
    fails 0 export_to a.geojson geojson --as admin --all || return 1
    python3 - "$files/a.geojson" <<'END'
import json
import sys
found = json.load(open(sys.argv[1]))["features"]
assert len(found) == 1
assert found[0]["geometry"]["coordinates"] == [121.4737, 31.2304]
assert found[0]["properties"]["number"] == "A1"
END
}
vcard_reads()
{
    fails 0 export_to c.vcf vcard --as admin --all &&
        fails 0 export_to c4.vcf vcard4 --as admin --all || return 1
    python3 - "$files/c.vcf" "$files/c4.vcf" <<'END'
import sys
for path, version in zip(sys.argv[1:], ("3.0", "4.0")):
    raw = open(path, "rb").read()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    text = raw.replace(b"\r\n ", b"").decode()
    cards = text.split("BEGIN:VCARD\r\n")[1:]
    assert len(cards) == 605, len(cards)
    card = [c for c in cards if "FN:𠮷野明" in c][0].split("\r\n")
    assert "VERSION:" + version in card
    assert "N:𠮷;野明;;;" in card, card
    assert 'TITLE:Chef\\; "Küche"' in card, card
    assert "ORG:=cmd|' /C calc'!A0" in card
    assert any(c.startswith("TEL;") and c.endswith("+8613900001111")
               for c in card), card
    assert "ADR;TYPE=WORK:;;南京东路1号\\, 2楼;上海;;;CN" in card, card
    assert any(c.startswith("GEO:") for c in card)
END
}
check "cap 15: SQLite with a table an entity and views of names" sqlite_reads
check "cap 15: GeoJSON of accounts with a position" geojson_reads
check "cap 15: vCard 3.0 and 4.0, lines folded between characters" vcard_reads

# ---- to an empty server -----------------------------------------------------

# One record of whatever the dictionary has by now, a value in each field, so
# that this fixture cannot lag behind it.
of_each_entity()
{
    local account
    ctl head-office dictionary export >"$files/dictionary.conf" &&
        account=$(sed -n 's/.*"id":"\([^"]*\)".*"number":"A1".*/\1/p' \
            "$files/ids.jsonl") &&
        python3 "$SATCHEL_ROOT/tests/e2e/every.py" "$files/dictionary.conf" \
            "$account" "$files/every.jsonl" &&
        made=$(wc -l <"$files/every.jsonl") && [ "$made" -ge 37 ] &&
        fails 0 ctl head-office import jsonl "$files/every.jsonl" --as admin &&
        says "created: $made" "refused: 0"
}
# Each entity that may be in a file, and each of its fields that may.
occurs()
{
    python3 - "$files/every.jsonl" "$files/all.jsonl" <<'END'
import json
import sys
made, out = ([json.loads(line) for line in open(path, encoding="utf-8")]
             for path in sys.argv[1:])
found = {record["id"]: record for record in out if "id" in record}
for record in made:
    there = found[record["id"]]
    assert there["type"] == record["type"], record["type"]
    assert there["fields"].keys() == record["fields"].keys(), (
        record["type"], there["fields"].keys() ^ record["fields"].keys())
END
}
hash_of() { ctl "$1" hash | sed -n 's/^hash: //p'; }
moved()
{
    world_head_office_named second Other && people second &&
        fails 0 export_to all.jsonl jsonl --as admin --all &&
        fails 0 ctl second import jsonl "$files/all.jsonl" --as admin &&
        says "created: $((1369 + made))" "refused: 0" && occurs
}
world_head_office_named() # NAME ORGANISATION
{
    server_place "$1" &&
        ctl "$1" init --organisation "$2" --listen "$(server_endpoint "$1")" &&
        server_start "$1"
}
same_hashes()
{
    local kind
    [ -n "$(hash_of second)" ] &&
        [ "$(hash_of second)" = "$(hash_of head-office)" ] &&
        ctl second hash --list | sort >"$files/second" &&
        ctl head-office hash --list | sort | cmp - "$files/second" || return 1
    for kind in $(cut -d '"' -f 4 "$files/every.jsonl") account contact; do
        grep -q "$kind" "$files/second" || return 1
    done
    grep -q '"hash":"00ff00ff' "$files/all.jsonl"
}
moved_again()
{
    fails 0 ctl second import jsonl "$files/all.jsonl" --as admin &&
        says "created: 0" "unchanged: $((1369 + made))"
}
bad_lines()
{
    printf '%s\n' '{"type":"account"' '{"type":"nothing","id":"x","fields":{}}' \
        '{"type":"account","id":"x","fields":{}}' >"$files/bad.jsonl"
    refuses 1 ctl second import jsonl "$files/bad.jsonl" --as admin -- \
        "line 1" "no record" "line 2" "no such entity" "line 3" "no record id"
}
check "a record of each entity of the dictionary, with all its fields" \
    of_each_entity
check "cap 15: all records go to an empty server" moved
check "cap 15: every record has the same hash there" same_hashes
check "the same lines again change nothing" moved_again
check "bad lines are refused by number, with what to do" bad_lines

# ---- who takes out how much -------------------------------------------------

check "nobody without the right copies everything" \
    refuses 1 export_to x.csv csv account --as mia --all -- "who runs jobs"
check "nor reads what he may not see" \
    eval 'refuses 1 export_to none.csv csv account --as admin -- \
        "none of the roles takes account out"'
check "a rep takes out 200 rows a day, not more" \
    eval 'refuses 1 export_to r.csv csv account --as ann -- "200 rows" &&
        [ ! -e "$files/r.csv" ]'
check "a manager takes out more" \
    eval 'fails 0 export_to m.csv csv account --as mia &&
        says "exported: 753"'
alert()
{
    fails 0 ctl head-office exports --as admin && says "mia" "753" &&
        grep -E 'mia .*753 +753 +ALERT' "$said"
}
check "cap 108: 501 rows and more in a day are an alert" alert
check "a manager sees of this what people of his unit took out" \
    eval 'fails 0 ctl head-office exports --as mia && says "mia" "admin" &&
        fails 0 ctl head-office exports --as ann && ! grep -q " mia " "$said"'
# ---- on a device ------------------------------------------------------------

check "two reps enrol" eval 'world_device ann head-office ann && rep ann sync &&
    world_device bo head-office bo && rep bo sync'
on_device()
{
    fails 0 rep bo export csv account --labels zh --out "$files/bo.csv" &&
        says "150 rows" "50 may still leave" &&
        python3 - "$files/bo.csv" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig",
                                newline="")))
assert len(rows) == 150 and rows[0]["区域"] == "t3", rows[0]
END
}
no_more()
{
    refuses 1 rep bo export csv account --out "$files/bo2.csv" -- \
        "50 are left" && [ ! -e "$files/bo2.csv" ] &&
        refuses 1 rep ann export jsonl account --out "$files/ann" -- \
            "200 are left" && ! ls "$files" | grep -q part-
}
cards()
{
    fails 0 rep bo export vcard --out "$files/bo.vcf" && says "3 rows" &&
        fails 0 rep bo import vcard "$files/bo.vcf" &&
        says "0 contacts added, 3 known" &&
        fails 0 rep bo import vcard "$files/bo.vcf" --account C9 &&
        says "3 contacts added" &&
        rep bo contact list C9 --json | grep -q '+8613900000002'
}
bad_cards()
{
    printf 'BEGIN:VCARD\r\nTEL:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:\xff\r\n' \
        >"$files/bad.vcf"
    printf 'END:VCARD\r\nBEGIN:VCARD\r\nFN:Open\r\n' >>"$files/bad.vcf"
    refuses 1 rep bo import vcard "$files/bad.vcf" -- "line 3" "line 6" \
        "line 8" "does not end"
}
seen_above()
{
    fails 0 rep bo sync && fails 0 ctl head-office exports --as admin &&
        grep -E 'bo .*csv +account +150 +153 ' "$said" &&
        ! grep -E 'bo .*ALERT' "$said"
}
check "cap 15: a device exports what it holds, with labels" on_device
check "cap 108: not more than a day's rows, whatever the format" no_more
check "vCards out and in: known contacts stay one" cards
check "bad cards are named by line" bad_cards
check "cap 108: head office sees what left the device" seen_above
tap_done
