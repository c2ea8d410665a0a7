#!/usr/bin/env bash
# Goal: what leaves the system leaves by right, and what comes in is looked at
# first. Exports are a right of their own, said by role in the policy (cap
# 108); sensitive fields leave only with a second person's word, once, for one
# file, and not for ever; administrators and auditors see who took out what.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

people()
{
    ctl head-office territory add t1 &&
        ctl head-office user add mia --role manager &&
        ctl head-office user add ann --role rep --territories t1 &&
        ctl head-office user add sam --role service &&
        ctl head-office user add fay --role finance &&
        ctl head-office user add kim --role marketing &&
        ctl head-office user add hal --role analyst &&
        ctl head-office user add uwe --role auditor &&
        ctl head-office user add otto --role admin
}
records()
{
    printf 'number,name,territory,contact_name\nA1,Tea,t1,李梅\nA2,Rice,t1,Bo\n' \
        >"$files/in.csv"
    ctl head-office import accounts "$files/in.csv" --as admin &&
        printf 'account,date,amount,author\nA1,2026-03-01,20.00 CNY,ann\n' \
            >"$files/p.csv" &&
        ctl head-office import purchases "$files/p.csv" --as admin
}
export_to() # FILE ARG...
{
    local file=$1
    shift
    ctl head-office export "$@" --out "$files/$file"
}
# A lunar birthday, and one on 29 February.
birthdays()
{
    local consent="consent_birthday=state=given; at=2026-03-01T08:00:00Z"
    rep ann contact edit 李梅 "$consent" \
        "birthday=calendar=lunar; month=8; day=15; year=1980" &&
        rep ann contact edit Bo "$consent" \
            "birthday=calendar=solar; month=2; day=29; year=1984" &&
        rep ann sync
}

check "a server with people and records" eval '
    world_head_office Rights && people && records'
check "a rep enrols, and notes two birthdays" eval '
    world_device ann head-office ann && rep ann sync && birthdays'

# ---- a right of its own -----------------------------------------------------

service()
{
    refuses 1 export_to s.csv csv account --as sam -- \
        "none of the roles takes account out" &&
        fails 0 export_to s.csv csv feedback --as sam
}
finance()
{
    fails 0 export_to f.csv csv purchase --as fay && says "exported: 1" &&
        refuses 1 export_to f2.csv csv contact --as fay -- "takes contact out"
}
auditor()
{
    fails 0 export_to u.csv csv purchase --as uwe && says "exported: 1" &&
        refuses 1 export_to u2.csv csv account --as uwe -- "takes account out"
}
administrator()
{
    fails 0 export_to c.csv csv care_rule --as admin &&
        refuses 1 export_to a.csv csv account --as admin -- \
            "takes account out"
}
check "cap 108: service takes out what customers said, no list of them" \
    service
check "finance takes out ledgers" finance
check "an auditor takes out evidence" auditor
check "an administrator takes out what the organisation set up" administrator

# ---- the second person ------------------------------------------------------

ask() # LOGIN FORMAT ENTITY ARG...
{
    local login=$1
    shift
    ctl head-office exports request "$@" --as "$login" --why "spring list" |
        answer request
}
approve() { ctl head-office exports approve "$1" --as "$2"; }

marketing()
{
    refuses 1 export_to k.csv csv account --as kim -- "second person" &&
        request=$(ask kim csv account) && [ -n "$request" ] &&
        refuses 1 export_to k.csv csv account --as kim \
            --approval "$request" -- "nobody has decided" &&
        refuses 1 approve "$request" kim -- "same person" &&
        refuses 1 approve "$request" ann -- "may not be the second person" &&
        fails 0 approve "$request" admin &&
        says "decision: approved" "until: " &&
        refuses 1 approve "$request" mia -- "decided already" &&
        refuses 1 export_to k.csv csv contact --as kim \
            --approval "$request" -- "for something else" &&
        [ ! -e "$files/k.csv" ] &&
        fails 0 export_to k.csv csv account --as kim --approval "$request" &&
        says "exported: 2" &&
        refuses 1 export_to k2.csv csv account --as kim \
            --approval "$request" -- "used up"
}
refused_word()
{
    request=$(ask hal csv visit) &&
        refuses 64 ctl head-office exports approve "$request" --refuse \
            --as mia -- "--reason" &&
        fails 0 ctl head-office exports approve "$request" --refuse --as mia \
            --reason "the board has it" &&
        says "decision: refused" &&
        refuses 1 export_to h.csv csv visit --as hal --approval "$request" \
            -- "was refused: the board has it" &&
        refuses 1 approve "$request" mia -- "decided already" &&
        fails 0 ctl head-office exports --as hal &&
        says "refused by mia" "the board has it"
}
sensitive()
{
    fails 0 export_to plain.csv csv contact --as ann &&
        says "sensitive fields stay" &&
        ! grep -q birthday.calendar "$files/plain.csv" &&
        refuses 1 export_to p3.csv csv contact --as ann --with-p3 -- \
            "second person" &&
        refuses 1 export_to p3.csv csv contact --as mia --with-p3 -- \
            "not even with a second person" &&
        request=$(ask ann csv contact --with-p3) &&
        fails 0 ctl head-office exports --as mia &&
        says "asked" "P3" "spring list" &&
        fails 0 approve "$request" mia &&
        fails 0 export_to p3.csv csv contact --as ann --with-p3 \
            --approval "$request" &&
        head -n 1 "$files/p3.csv" | grep -q 'birthday.calendar' &&
        grep -q 'lunar,8,15,1980' "$files/p3.csv"
}
everything()
{
    refuses 1 export_to all.jsonl jsonl --all --with-p3 --as admin -- \
        "second person" &&
        request=$(ask admin jsonl --all --with-p3) &&
        fails 0 approve "$request" otto &&
        fails 0 export_to all.jsonl jsonl --all --with-p3 --as admin \
            --approval "$request" &&
        grep -q '"birthday"' "$files/all.jsonl" &&
        fails 0 export_to some.jsonl jsonl --all --as admin &&
        ! grep -q '"birthday"' "$files/some.jsonl"
}
on_device()
{
    fails 0 rep ann export csv contact --out "$files/d.csv" &&
        says "sensitive fields stay" && ! grep -q birthday.calendar "$files/d.csv"
}
check "marketing's lists leave with a second person, once, as asked" marketing
check "a refused request lets nothing out" refused_word
check "P3 never leaves in bulk without a second person" sensitive
check "not even with everything, for who runs jobs" everything
check "nor from a device" on_device

# ---- calendars and cards, read by programs that others keep -----------------

# Debian's python has the parsers, whatever stands before it in PATH.
reader=/usr/bin/python3

planned()
{
    printf '%s\n' 'account,author,rep,date,window.from,window.to,purpose' \
        'A1,ann,ann,2026-03-28,540,600,"Spring, and tea; more"' \
        A1,ann,ann,2026-03-30,540,600, A2,ann,ann,2026-07-01,,, \
        >"$files/plan.csv"
    printf '%s\n' account,author,owner,title,due,due_at,priority \
        'A1,ann,ann,Bring 茶 samples,2026-10-26,2026-10-26T08:30:00Z,1' \
        'A2,ann,ann,Ask Bo,2026-03-29,,' >"$files/tasks.csv"
    ctl head-office import planned_visit "$files/plan.csv" --as admin &&
        ctl head-office import task "$files/tasks.csv" --as admin &&
        rep ann account edit A1 address.street=南京东路1号 address.city=上海 \
            geo=31.2304,121.4737,15 && rep ann sync
}
calendar()
{
    TZ=$1 rep ann export ical --out "$files/$2.ics" --force &&
        TZ=$1 rep ann export ical --out "$files/$2.again.ics" --force &&
        "$reader" - "$files/$2" "$1" <<'END'
import datetime
import re
import sys
import zoneinfo
import icalendar
path, zone = sys.argv[1:]
raw = open(path + ".ics", "rb").read()
assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
calendar = icalendar.Calendar.from_ical(raw)
again = icalendar.Calendar.from_ical(open(path + ".again.ics", "rb").read())
known = zoneinfo.ZoneInfo(zone)
made = calendar.walk("VTIMEZONE")[0].to_tz()
assert calendar.walk("VTIMEZONE")[0]["TZID"] == zone
for year in range(2018, 2035):
    for month in range(1, 13):
        for day in (1, 14, 26, 29 if month != 2 else 28):
            at = datetime.datetime(year, month, day, 12)
            assert made.localize(at).utcoffset() == \
                at.replace(tzinfo=known).utcoffset(), at
events = {str(e["UID"]): e for e in calendar.walk("VEVENT")}
assert sorted(events) == sorted(str(e["UID"]) for e in again.walk("VEVENT"))
assert len(events) == 3, events
timed = sorted((e for e in events.values()
                if isinstance(e["DTSTART"].dt, datetime.datetime)),
               key=lambda e: e["DTSTART"].dt.replace(tzinfo=None))
first = timed[0]
assert first["DTSTART"].params["TZID"] == zone
assert first["DTSTART"].dt.replace(tzinfo=None) == \
    datetime.datetime(2026, 3, 28, 9)
assert first["DTSTART"].dt.utcoffset() == datetime.datetime(
    2026, 3, 28, 9, tzinfo=known).utcoffset()
assert timed[1]["DTSTART"].dt.utcoffset() == datetime.datetime(
    2026, 3, 30, 9, tzinfo=known).utcoffset()
assert first["SUMMARY"] == "Tea" and first["STATUS"] == "CONFIRMED"
assert first["DESCRIPTION"] == "Spring, and tea; more"
assert first["LOCATION"] == "上海南京东路1号", first["LOCATION"]
assert (first["GEO"].latitude, first["GEO"].longitude) == (31.2304, 121.4737)
alarm = first.walk("VALARM")[0]
assert alarm["TRIGGER"].dt == datetime.timedelta(minutes=-30)
whole = [e for e in events.values() if e not in timed][0]
assert whole["DTSTART"].dt == datetime.date(2026, 7, 1)
assert whole["DTEND"].dt == datetime.date(2026, 7, 2)
tasks = {str(t["SUMMARY"]): t for t in calendar.walk("VTODO")}
bring = tasks["Bring 茶 samples"]
assert bring["DUE"].dt.astimezone(datetime.timezone.utc) == \
    datetime.datetime(2026, 10, 26, 8, 30, tzinfo=datetime.timezone.utc)
assert bring["STATUS"] == "NEEDS-ACTION" and bring["PRIORITY"] == 1
assert bring["DESCRIPTION"] == "Tea"
assert tasks["Ask Bo"]["DUE"].dt == datetime.date(2026, 3, 29)
END
}
not_rung()
{
    fails 0 rep ann export ical --out "$files/quiet.ics" --alarm 0 &&
        ! grep -q VALARM "$files/quiet.ics"
}
check "visits are planned, tasks set" planned
check "cap 15: a calendar of a zone that changes its clock twice a year" \
    calendar Europe/Berlin berlin
check "of one in the south" calendar Australia/Sydney sydney
check "of one that does not" calendar Asia/Shanghai shanghai
check "without alarms, if that is wanted" not_rung

cards()
{
    local request version
    for version in vcard vcard4; do
        request=$(ask ann "$version" --with-p3) && approve "$request" mia &&
            fails 0 export_to "$version.vcf" "$version" --as ann --with-p3 \
                --approval "$request" || return 1
        "$reader" - "$files/$version.vcf" "$version" <<'END' || return 1
import sys
import vobject
path, version = sys.argv[1:]
cards = {c.fn.value: c for c in
         vobject.readComponents(open(path, encoding="utf-8", newline=""))}
assert sorted(cards) == ["Bo", "李梅"], cards
bo, li = cards["Bo"], cards["李梅"]
assert bo.bday.value == ("1984-02-29" if version == "vcard" else "19840229")
assert not hasattr(li, "bday")  # a lunar day is no date of this calendar
assert li.contents["x-satchel-lunar-birthday"][0].value == "1980-08-15"
assert li.n.value.family == "李" and li.n.value.given == "梅"
assert li.contents["x-phonetic-last-name"][0].value.lower() == "li"
assert li.adr.value.street == "南京东路1号" and li.adr.value.city == "上海"
place = ("GEO:31.2304000;121.4737000" if version == "vcard"
         else "GEO:geo:31.2304000,121.4737000")  # vobject cuts it in two
assert place in open(path, encoding="utf-8").read().splitlines()
END
    done
}
# What went out comes in; a birthday only where its person agreed.
cards_in()
{
    fails 0 rep ann account add Copy number=Z1 --anyway &&
        fails 0 rep ann import vcard "$files/vcard.vcf" --account Copy &&
        says "2 contacts added" "2 birthdays stay out" && came_with Copy &&
        fails 0 rep ann account add Copy2 --anyway &&
        fails 0 rep ann import vcard "$files/vcard4.vcf" --account Copy2 \
            --consent visit && says "2 contacts added" &&
        came_with Copy2 && is_kept && keeps_its_own
}
# Address and place of the cards are those of the account.
came_with()
{
    says "1 accounts got an address or a place" &&
        rep ann account show "$1" --json | python3 -c "import json, sys
text = json.dumps(json.load(sys.stdin), ensure_ascii=False)
assert '南京东路1号' in text and '上海' in text, text
assert '31.2304000,121.4737000' in text, text"
}
keeps_its_own()
{
    fails 0 rep ann account add Copy3 address.city=Bern geo=46.9,7.4,10 \
        --anyway &&
        fails 0 rep ann import vcard "$files/vcard4.vcf" --account Copy3 &&
        ! grep -q 'got an address' "$said" &&
        rep ann account show Copy3 --json >"$said" && grep -q Bern "$said" &&
        grep -q 46.9000000 "$said" && ! grep -q 南京 "$said"
}
is_kept()
{
    local id
    for id in $(rep ann contact list Copy2 --ids); do
        rep ann contact show "$id" || return 1
    done >"$said"
    grep -q 'unar' "$said" && grep -q '1984' "$said"
}
no_cards()
{
    : >"$files/empty.vcf"
    printf 'name,phone\nA,1\n' >"$files/none.vcf"
    printf 'BEGIN:VCARD\nFN:One\nEND:VCARD\nBEGIN:VCARD\nTEL:1\nEND:VCARD\n' \
        >"$files/half.vcf"
    refuses 1 rep ann import vcard "$files/empty.vcf" -- "no card is in it" &&
        refuses 1 rep ann import vcard "$files/none.vcf" -- "no card is in it" &&
        refuses 1 rep ann import vcard "$files/half.vcf" --account Tea -- \
            "1 cards were left out; the rest is in"
}
check "cap 15: vCard 3.0 and 4.0; a lunar birthday is never a wrong date" cards
check "cap 15: cards come in, with ADR and GEO; birthdays with consent alone" \
    cards_in
check "a file without cards is no success, nor is one of which some stay out" \
    no_cards

# ---- who is here already ----------------------------------------------------

# 10,000 rows beside two customers: of them 4 are like one who is here (name,
# sound, telephone, place), 2 like one further up, 5 refused, 7 stand twice,
# 3 change who is here.
large()
{
    printf 'number,name,territory,phone,geo\nH1,中华商行,t1,13812345678,\nH2,Harbour,t1,,"31.2304,121.4737,15"\n' \
        >"$files/here.csv"
    python3 - "$files/large.csv" <<'END'
import csv
import sys
rows = [["L1", "中华商行（新）"[:4] + " ", "t1", "", ""],
        ["L2", "钟华商行", "t1", "", ""],
        ["L3", "Third", "t1", "+86 138-1234-5678", ""],
        ["L4", "Fourth", "t1", "", "31.2305,121.4738,20"],
        ["L5", "Twin Shop", "t1", "", ""], ["L6", "TWIN  shop", "t1", "", ""],
        ["L7", "One", "t1", "021-6234 5678", ""],
        ["L8", "Other", "t1", "+86 21 62345678", ""],
        ["H1", "中华商行", "t1", "", ""], ["H2", "Harbor", "t1", "", ""],
        ["A1", "Tea house", "t1", "", ""]]
rows += [["", "", "t1", "", ""]] * 5
rows += [["L1", "again", "t1", "", ""]] * 7
rows += [[f"N{i}", f"Shop {i}", "t1", "", ""]
         for i in range(10000 - len(rows))]
with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    csv.writer(file).writerows(
        [["number", "name", "territory", "phone", "geo"]] + rows)
END
    fails 0 ctl head-office import accounts "$files/here.csv" --as admin &&
        fails 1 ctl head-office import accounts "$files/large.csv" --key number \
            --as admin --dry-run --similar "$files/similar.csv" &&
        says "created: 9985" "updated: 2" "unchanged: 1" "duplicate: 7" \
            "similar: 6" "refused: 5" && python3 - "$files/similar.csv" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
why = {r["number"]: r["import_reason"] for r in rows}
assert sorted(why) == ["L1", "L2", "L3", "L4", "L6", "L8"], why
assert "same name" in why["L1"] and "which is here" in why["L1"], why
assert "sound the same" in why["L2"], why
assert "same telephone" in why["L3"] and "which is here" in why["L3"], why
assert "within about 100 m" in why["L4"], why
assert "same name as line 6;" in why["L6"], why
assert "same telephone as line 8;" in why["L8"], why
assert all(r["import_code"] == "similar" for r in rows)
END
}
check "cap 10, 13: a preview of 10,000 rows says who may be here already" large

# What leaves says how fresh it is, and a policy under which the
# administrator's right asks for a second person holds for --all too.
fresh()
{
    fails 0 export_to fresh.csv csv account --as mia --json &&
        holds '"branches, as of" in d["freshness"] and d["branches"] == 0' &&
        fails 0 ctl head-office hash --json &&
        holds '"branches, as of" in d["freshness"] and len(d["hash"]) > 0'
}
all_asks()
{
    local request
    ctl head-office policy export >"$files/asks.conf" &&
        python3 - "$files/asks.conf" <<'END' || return 1
import sys
text = open(sys.argv[1]).read()
head, tail = text.split('name = "admin"', 1)
where = tail.index("export = {") + len("export = {")
open(sys.argv[1], "w").write(
    head + 'name = "admin"' + tail[:where] + " asks = true;" + tail[where:])
END
    ctl head-office policy export >"$files/before.conf" &&
        fails 0 ctl head-office policy apply "$files/asks.conf" &&
        refuses 1 export_to asks.jsonl jsonl --all --as admin -- \
            "second person" &&
        request=$(ask admin jsonl --all) &&
        fails 0 approve "$request" otto &&
        fails 0 export_to asks.jsonl jsonl --all --as admin \
            --approval "$request" &&
        ! grep -q '"birthday"' "$files/asks.jsonl" &&
        sed '/^edition/d' "$files/before.conf" >"$files/back.conf" &&
        fails 0 ctl head-office policy apply "$files/back.conf"
}
as_data()
{
    ctl head-office policy export >"$files/policy.conf" &&
        python3 - "$files/policy.conf" <<'END' || return 1
import sys
text = open(sys.argv[1]).read()
assert text.count("export = {") == 8, text.count("export = {")
open(sys.argv[1] + ".new", "w").write(text.replace("rows = 200", "rows = 3"))
open(sys.argv[1] + ".bad", "w").write(text.replace(" approves = true;", ""))
END
    refuses 64 ctl head-office policy check "$files/policy.conf.bad" -- \
        "approves = true" &&
        fails 0 ctl head-office policy apply "$files/policy.conf.new" &&
        refuses 1 export_to more.csv csv account --as ann -- "0 rows" &&
        fails 0 rep ann sync &&
        refuses 1 rep ann export csv account --out "$files/ann.csv" -- \
            "0 are left"
}
check "what leaves says how fresh it is" fresh
check "cap 108: a copy of everything needs a second person where the policy asks" \
    all_asks
check "quotas are data: a signed policy changes them, here and on devices" \
    as_data

# ---- who sees it, and where it stands ---------------------------------------

seen()
{
    fails 0 ctl head-office exports --as uwe &&
        says "kim" "ann" "used up by mia" &&
        fails 0 ctl head-office exports --as admin &&
        says "kim" "ann" "refused by mia" &&
        fails 0 ctl head-office exports --as ann && says "ann" &&
        ! grep -q ' kim ' "$said"
}
logged()
{
    local log=$world_dir/head-office.log
    grep -q 'event=export_request .*error=SP_OK' "$log" &&
        grep -q 'event=export_decision .*yes=1 error=SP_OK' "$log" &&
        grep -q 'event=export .*p3=1 .*approval=[0-9a-f]' "$log"
}
marked()
{
    fails 0 export_to m.vcf vcard --as admin --all &&
        fails 0 export_to m.db sqlite --as admin --all &&
        fails 0 export_to m.geojson geojson --as admin --all &&
        fails 0 export_to m.ics ical --as admin --all &&
        fails 0 ctl head-office exports --as admin &&
        python3 - "$files" "$said" <<'END'
import json
import re
import sqlite3
import sys
files, said = sys.argv[1], open(sys.argv[2]).read()
card = open(files + "/m.vcf", encoding="utf-8", newline="").read()
ids = re.findall(r"X-SATCHEL-EXPORT:admin\\; \S+Z\\; (\S+)",
                 card.replace("\r\n ", ""))
assert len(ids) > 1 and len(set(ids)) == 1, ids
by, at, one = sqlite3.connect(files + "/m.db").execute(
    "SELECT by, at, id FROM exported").fetchone()
assert by == "admin" and at.endswith("Z")
mark = json.load(open(files + "/m.geojson"))["exported"]
assert mark["by"] == "admin", mark
first = json.loads(open(files + "/all.jsonl").readline())
assert first["type"] == "export_job" and first["fields"]["by"] == "admin"
assert "X-SATCHEL-EXPORT:admin" in open(files + "/m.ics").read()
for found in (ids[0], one, first["id"]):
    assert found in said, (found, said)
END
}
check "cap 108: administrators and auditors see who took out what" seen
check "requests, decisions and exports are audited" logged
check "a file says who took it out, when, and under which note" marked
tap_done
