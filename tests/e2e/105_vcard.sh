#!/usr/bin/env bash
# Goal: a book of telephones comes in at a server as it does on a device
# (cap 15): vCard 3.0 and 4.0, and 2.1 as telephones write it. Each card goes
# to the customer that its ORG names; a card that nobody can place, or read, is
# listed with what to do, and the mended list is imported as it is. Nobody
# comes in twice, and who may be here already is told before (cap 10, 13).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

records()
{
    ctl head-office territory add t1 && ctl head-office territory add t2 &&
        ctl head-office user add mia --role manager &&
        ctl head-office user add ann --role rep --territories t1 &&
        printf '%s\n' number,name,territory,phone A1,茶行,t1,021-62345678 \
            'A2,Rice House,t1,' A3,Twin,t1, A4,Twin,t2, A5,Hidden,t2, \
            >"$files/accounts.csv" &&
        ctl head-office import accounts "$files/accounts.csv" --as admin &&
        printf '%s\n' account,name,phones A1,Chen,13800000001 A2,Bo, \
            >"$files/contacts.csv" &&
        ctl head-office import contacts "$files/contacts.csv" --as admin
}
take() { ctl head-office import vcard "$@"; }
check "a server with customers and contacts" eval '
    world_head_office Cards && records'

# ---- what comes in ----------------------------------------------------------

python3 - "$files/book.vcf" <<'END'
import base64
import sys
picture = base64.b64encode(bytes(range(256)) * 600).decode()
lines = ["\ufeffBEGIN:VCARD", "VERSION:3.0", "FN:李梅", "ORG:茶行;采购部",
         "TITLE:店长", "TEL;TYPE=CELL:138 1234 5678",
         "TEL;TYPE=WORK:+86-21-62345678", "EMAIL:mei@tea.example",
         "BDAY:1984-02-29", "ADR:;;南京东路1号;上海;;;CN",
         "PHOTO;ENCODING=b;TYPE=JPEG:" + picture[:60]]
lines += [" " + picture[i:i + 74] for i in range(60, len(picture), 74)]
lines += ["END:VCARD",
          "BEGIN:VCARD", "VERSION:4.0", "FN:Anna Müller",
          "ORG:rice ＨＯＵＳＥ", "TEL;VALUE=uri;TYPE=cell:tel:+49-30-74321",
          "item1.EMAIL:anna@rice.example", "END:VCARD",
          "BEGIN:VCARD", "VERSION:2.1",
          "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B;=\r\n"
          "=E5=B0=8F;;;",
          "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B=\r\n=E5=B0=8F",
          "ORG:Rice House", "TEL;CELL:13800000001", "END:VCARD",
          # who is here
          "BEGIN:VCARD", "VERSION:3.0", "FN:BO", "ORG:Rice House",
          "TEL:13900000009", "END:VCARD",
          # whom nobody can place
          "BEGIN:VCARD", "VERSION:3.0", "FN:Nobody's", "TEL:13900000001",
          "END:VCARD",
          "BEGIN:VCARD", "VERSION:3.0", "FN:Elsewhere", "ORG:No such shop",
          "END:VCARD",
          "BEGIN:VCARD", "VERSION:3.0", "FN:Either", "ORG:Twin", "END:VCARD",
          # which nobody can read
          "BEGIN:VCARD", "VERSION:3.0", "ORG:Rice House", "TEL:13900000002",
          "END:VCARD",
          "BEGIN:VCARD", "VERSION:3.0", "FN:Open", "ORG:Rice House"]
with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:
    file.write("\r\n".join(lines) + "\r\n")
END

preview()
{
    fails 1 take "$files/book.vcf" --as admin --dry-run \
        --similar "$files/similar.csv" &&
        says "would_come_in: 3" "created: 3" "duplicate: 1" "similar: 1" \
            "refused: 5" "1 birthdays stay out" \
            "1 addresses or places stay out" &&
        [ "$(ctl head-office hash --list | grep -c '^contact ')" = 2 ] &&
        names_similar
}
names_similar()
{
    python3 - "$files/similar.csv" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
assert [r["name"] for r in rows] == ["王小"], rows
assert "same telephone" in rows[0]["import_reason"], rows
assert "which is here" in rows[0]["import_reason"], rows
END
}
# A new customer with the telephone of somebody's contact, and new contacts of
# CSV by the name of their customer.
names_others()
{
    printf '%s\n' number,name,territory,phone \
        'N1,New House,t1,+86 138 0000 0001' N2,Newer,t1,13800000007 \
        >"$files/new.csv" && printf '%s\n' account,name,phones \
        茶行,CHEN,13800000002 茶行,Lin,13800000003 >"$files/people.csv" &&
        fails 0 ctl head-office import accounts "$files/new.csv" --as admin \
            --dry-run --similar "$files/n.csv" && says "similar: 1" &&
        grep 'N1' "$files/n.csv" | grep -q 'the same telephone as' &&
        fails 0 ctl head-office import contacts "$files/people.csv" \
            --as admin --dry-run --similar "$files/p.csv" &&
        says "created: 2" "similar: 1" &&
        grep CHEN "$files/p.csv" | grep -q 'same name at the same customer'
}
comes_in()
{
    fails 1 take "$files/book.vcf" --as admin &&
        says "created: 3" "duplicate: 1" "refused: 5" \
            "5 rows were refused, the others are in" || return 1
    python3 - "$files/book.vcf.errors.csv" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
why = [(r["name"], r["import_code"], r["import_reason"]) for r in rows]
want = [("BO", "duplicate", "is here as"), ("Nobody's", "required", "account"),
        ("Elsewhere", "value", "the name of a record that is here"),
        ("Either", "value", "several are called so"),
        ("", "card", "without a name"),
        ("Open", "card", "END:VCARD is missing")]
assert len(why) == len(want), why
for (name, code, reason), (n, c, r) in zip(why, want):
    assert (name, code) == (n, c) and r in reason, (name, code, reason)
assert rows[4]["account"] == "Rice House", rows[4]
lines = open(sys.argv[1][:-len(".errors.csv")], encoding="utf-8-sig",
             newline="").read().split("\r\n")
for row in rows[:5]:
    assert lines[int(row["import_line"]) - 1] == "END:VCARD", row
END
}
# As they were: labels, several numbers, E.164, the title.
as_they_were()
{
    ctl head-office export jsonl contact --as admin --all --out - 2>/dev/null \
        >"$files/out.jsonl" && python3 - "$files/out.jsonl" <<'END'
import json
import sys
found = {}
for line in open(sys.argv[1], encoding="utf-8"):
    record = json.loads(line)
    if record["type"] == "contact":
        found[record["fields"]["name"]] = record["fields"]
assert set(found) == {"Chen", "Bo", "李梅", "Anna Müller", "王小"}, found
mei = found["李梅"]
assert set(mei["phones"]) == {"number=+8613812345678; label=CELL",
                              "number=+862162345678; label=WORK"}, mei
assert mei["emails"] == ["address=mei@tea.example"], mei
assert mei["role_title"] == "店长" and "birthday" not in mei, mei
assert found["Anna Müller"]["phones"] == ["number=+493074321; label=cell"]
assert found["Bo"].get("phones") is None, found["Bo"]
END
}
mended()
{
    python3 - "$files/book.vcf.errors.csv" "$files/mended.csv" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
account = {"Nobody's": "A1", "Elsewhere": "茶行", "Either": "A4"}
for row in rows:
    row["account"] = account.get(row["name"], row["account"])
    row["name"] = row["name"] or "Named now"
rows = [r for r in rows if r["name"] != "BO"]
with open(sys.argv[2], "w", newline="", encoding="utf-8") as file:
    writer = csv.DictWriter(file, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
END
    fails 0 ctl head-office import contacts "$files/mended.csv" --as admin &&
        says "created: 5" "refused: 0"
}
check "cap 13: a preview says what would come in, and who may be here already" \
    preview
check "cap 10: telephones of contacts count, of those here and of the file" \
    names_others
check "cap 15: cards come in; what nobody can place is listed with what to do" \
    comes_in
check "cap 15: numbers, labels and titles as they were, pictures passed over" \
    as_they_were
check "the mended list is imported as it is" mended

# ---- again, and otherwise ---------------------------------------------------

again()
{
    fails 1 take "$files/book.vcf" --as admin &&
        says "created: 0" "refused: 5" || return 1
    sed 's/1984-02-29/1985-03-01/' "$files/book.vcf" >"$files/book2.vcf" &&
        fails 1 take "$files/book2.vcf" --as admin --dry-run &&
        says "created: 0" "duplicate: 4" "refused: 5" &&
        printf '%s\r\n' BEGIN:VCARD FN:Bo ORG:A2 END:VCARD >"$files/bo.vcf" &&
        fails 0 take "$files/bo.vcf" --as admin &&
        says "created: 0" "duplicate: 1" "refused: 0"
}
of_one()
{
    printf '%s\r\n' BEGIN:VCARD VERSION:4.0 FN:Eva ORG:Elsewhere \
        'BDAY:--0229' END:VCARD BEGIN:VCARD VERSION:3.0 FN:Lu \
        X-SATCHEL-LUNAR-BIRTHDAY:1980-08-15 END:VCARD >"$files/two.vcf" &&
        fails 0 take "$files/two.vcf" --as admin --account A3 \
            --consent visit &&
        says "created: 2" && ! grep -q 'stay out' "$said" &&
        request=$(ctl head-office exports request csv contact --as ann \
            --with-p3 --why x | answer request) &&
        ctl head-office exports approve "$request" --as mia &&
        fails 0 ctl head-office export csv contact --as ann --with-p3 \
            --approval "$request" --out "$files/p3.csv" &&
        grep -q 'solar,2,29,,' "$files/p3.csv" &&
        grep -q 'lunar,8,15,1980' "$files/p3.csv"
}
# Whose customers he cannot see are not there for him.
by_a_rep()
{
    printf '%s\r\n' BEGIN:VCARD VERSION:3.0 FN:Max ORG:Hidden END:VCARD \
        BEGIN:VCARD VERSION:3.0 FN:Mo ORG:Twin END:VCARD >"$files/rep.vcf" &&
        fails 1 take "$files/rep.vcf" --as ann &&
        says "created: 1" "refused: 1" 'line 5, column 1: account "Hidden"'
}
no_cards()
{
    printf 'name,phone\nA,1\n' >"$files/none.vcf"
    refuses 1 take "$files/none.vcf" --as admin -- "no card is in it" &&
        refuses 64 take "$files/two.vcf" --as admin --key name -- \
            "a vCard has no columns" &&
        refuses 64 ctl head-office import contacts "$files/contacts.csv" \
            --as admin --consent visit -- "for import vcard"
}
check "nobody comes in twice" again
check "all of one customer, birthdays with consent" of_one
check "a rep places cards among the customers that he sees" by_a_rep
check "a file without cards, and options that mean nothing, are refused" \
    no_cards

# ---- the same reader on a device ---------------------------------------------

on_device()
{
    world_device ann head-office ann && rep ann sync &&
        fails 1 rep ann import vcard "$files/book.vcf" &&
        says "1 contacts added, 4 known already, 4 left out" \
            "END:VCARD is missing" &&
        rep ann contact list A2 --json | grep -q 王小
}
check "a device knows them all, and says the same of the others" on_device
tap_done
