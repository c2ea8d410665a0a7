#!/usr/bin/env bash
# Goal: what left as CSV comes in again as it was, twice in a row (cap 15), also
# contacts, who have no number: rows find their records by id, or by customer
# and name. Members of sets keep all their parts, and characters that mean
# something to CSV, to sets or to spreadsheets stay what they are.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
files=$tap_dir/files
mkdir "$files"

import() # ENTITY FILE ARG...
{
    local entity=$1 file=$2
    shift 2
    ctl head-office import "$entity" "$files/$file" --as admin "$@"
}
out() # ENTITY FILE ARG...
{
    local entity=$1 file=$2
    shift 2
    ctl head-office export csv "$entity" --as admin --all --force \
        --out "$files/$file" "$@"
}
records()
{
    cat >"$files/accounts.csv" <<'END'
number,name,territory,tags,alias
A1,茶行,t1,big|new,＝ＳＵＭ(1)
A2,@Rice,t1,a\|b|c,back\slash|end\
END
    cat >"$files/contacts.csv" <<'END'
account,name,phones,emails,role_title
A1,Chen,number=13800000001; label=home|13900000002,c@tea.example,－1
A1,Bo,,,+1
A2,Chen,number=13800000003; label=a\|b,,"x
y"
A2,=Li,,,
END
    ctl head-office territory add t1 &&
        ctl head-office user add ann --role rep --territories t1 &&
        ctl head-office user add bob --role rep &&
        import accounts accounts.csv &&
        fails 1 import contacts contacts.csv && says "refused: 1" "line 4" &&
        sed -e 's/^"x$/xy/' -e '/^y"/d' -e 's/,,"x$/,,xy/' \
            "$files/contacts.csv" >"$files/mended.csv" &&
        import contacts mended.csv --key name
}
content()
{
    ctl head-office hash --entity account --list &&
        ctl head-office hash --entity contact --list
}

check "a server with customers and contacts" eval '
    world_head_office Roundtrip && records'
check "what there is" eval 'content >"$files/before" && [ -s "$files/before" ]'

parts_stay()
{
    out contact c.csv && out account a.csv && python3 - "$files" <<'END'
import csv
import sys
def rows(name):
    return list(csv.DictReader(open(f"{sys.argv[1]}/{name}", newline="",
                                    encoding="utf-8-sig")))
people = {(r["account"], r["name"]): r for r in rows("c.csv")}
assert len(people) == 4, people
phones = [sorted(r["phones"].lstrip("'").replace("\\|", "!").split("|"))
          for r in people.values()]
assert sorted(phones) == [[""], [""], [
    "+8613900000002", "number=+8613800000001; label=home"], [
    "number=+8613800000003; label=a!b"]], phones
assert "'－1" in {r["role_title"] for r in people.values()}
shops = {r["number"]: r for r in rows("a.csv")}
assert shops["A1"]["alias"] == "'＝ＳＵＭ(1)", shops
assert set(shops["A2"]["tags"].replace("a\\|b", "!").split("|")) == {"!", "c"}
END
}
check "members of sets leave with all their parts, and harmless" parts_stay

same_twice()
{
    local entity=$1 file=$2 count=$3
    for _ in 1 2; do
        fails 0 import "$entity" "$file" --dry-run &&
            says "would_come_in: 0" "unchanged: $count" "refused: 0" \
                "similar: 0" || return 1
        fails 0 import "$entity" "$file" &&
            says "imported: 0" "unchanged: $count" "refused: 0" || return 1
    done
    content >"$files/after" && diff "$files/before" "$files/after"
}
by_labels()
{
    out contact zh.csv --labels zh --no-bom && same_twice contacts zh.csv 4
}
check "cap 15: contacts of an export change nothing, twice" \
    same_twice contacts c.csv 4
check "cap 15: customers of an export neither" same_twice accounts a.csv 2
check "with labels in Chinese neither" by_labels
by_name()
{
    cut -d , -f 2- "$files/c.csv" >"$files/names.csv" &&
        fails 0 import contacts names.csv --key name &&
        says "imported: 0" "unchanged: 4" &&
        content >"$files/after" && diff "$files/before" "$files/after"
}
check "without ids a name says who it is, of its customer" by_name

changes()
{
    {
        printf 'id,account,name,role_title\n'
        sed -n 's/^\([0-9a-f-]*\),\([0-9a-f-]*\),[0-9]*,Bo,.*/\1,\2,Bo,Boss/p' \
            "$files/c.csv"
        printf ',A2,Newcomer,\n17,A2,Elsewhere,\n'
        printf '01900000-0000-7000-8000-000000000000,A1,Ghost,\n'
        sed -n 's/^\([0-9a-f-]*\),\([0-9a-f-]*\),[0-9]*,.=Li,.*/\1,A1,Li,/p' \
            "$files/c.csv"
    } >"$files/edited.csv"
    fails 1 import contacts edited.csv --dry-run &&
        says "created: 2" "updated: 1" "refused: 2" &&
        fails 1 import contacts edited.csv &&
        says "created: 2" "updated: 1" "refused: 2" \
            "no contact here has it" "account is written once" &&
        refuses 1 import contacts edited.csv --key id -- "id \"17\"" \
            "refused: 3"
}
check "an edited row changes its record, an empty id makes one" changes

no_peeping()
{
    fails 1 ctl head-office import contacts "$files/c.csv" --as bob \
        --dry-run && says "unchanged: 0" "no contact here has it"
}
check "who does not see a contact is told that there is none" no_peeping

tap_done
