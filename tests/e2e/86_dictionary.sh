#!/usr/bin/env bash
# Goal: the dictionary changes while devices are away. One device stays away
# over two editions, another over one; both work under what they have. A field
# is retired and another takes over, one becomes required, one is renamed.
# Then everything that anybody typed arrives, nothing is refused for the
# edition it was made under, what was typed to the old field stands beside the
# new, and what an edition may not change is refused with the way out.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
text=$tap_dir/dictionary.conf
roles=$tap_dir/policy.conf

# A retired field and its successor are put in as an administrator does it:
# into the exported text.
edit_text() # FILE PYTHON
{
    python3 -B - "$1" <<EOF
import re, sys
path = sys.argv[1]
s = open(path, encoding="utf-8").read()

def once(old, new):
    global s
    assert s.count(old) >= 1, old
    s = s.replace(old, new, 1)

def field(name, more):
    """Settings at the end of a field's, in the entity where it is first."""
    global s
    at = s.index('name = "%s";' % name)
    at = s.index("sensitivity = ", at)
    at = s.index(";", at) + 1
    s = s[:at] + " " + more + s[at:]

def add(entity, line):
    """A field behind the last of an entity."""
    global s
    at = s.index('; name = "%s";' % entity)
    at = s.index("\n    ) }", at)
    s = s[:at] + ",\n      " + line + s[at:]

$2
open(path, "w", encoding="utf-8").write(s)
EOF
}

export_text() { ctl head-office dictionary export --out "$text"; }

change_and() # PYTHON STATUS COMMAND... [-- WORDS...]
{
    local python=$1
    shift
    export_text && edit_text "$text" "$python" && refuses "$@"
}

# ---- the world --------------------------------------------------------------

people()
{
    local login
    ctl head-office branch add east "Ost" &&
        ctl head-office territory add north --unit east || return 1
    for login in mei lin; do
        ctl head-office user add "$login" --name "$login" --role rep \
            --unit east --territories north || return 1
    done
}

shops()
{
    ctl none sample accounts --seed 5 --count 6 --territories north \
        >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin
}

devices()
{
    world_device mei east mei && world_device lin east lin &&
        rep mei sync && rep lin sync
}

first_shops() { rep mei account list --ids --limit 6; }

check "head office and a branch start" world_head_office "Teehaus"
check "two people" people
check "the branch joins" world_branch east
check "some shops come in" shops
check "and travel down" ctl east uplink now
check "two devices hold them" devices
mapfile -t shop < <(first_shops | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
check "six of them" [ "${#shop[@]}" -eq 6 ]

show() # DEVICE SHOP WORDS...
{
    local device=$1 id=$2
    shift 2
    fails 0 rep "$device" account show "$id" && says "$@"
}

# ---- what an edition may not change -----------------------------------------

check "a field is not taken out" change_and \
    's = re.sub("      . number = 6; name = \"source\"(.|\n)*?; .,\n", "", s, 1)' \
    64 ctl head-office dictionary apply "$text" -- "account.source" "gone" \
    "put it back with retired = true"
check "a type does not change" change_and \
    'once("type = \"str(40)\"; merge = \"LWW\"", "type = \"bool\"; merge = \"LWW\"")' \
    64 ctl head-office dictionary apply "$text" -- "type" "retired = true"
check "nor a merge rule" change_and \
    'once("merge = \"LWW\"", "merge = \"KEEP\"")' \
    64 ctl head-office dictionary apply "$text" -- "merge rule"
check "bounds do not become narrower" change_and \
    'once("str(80)", "str(10)")' \
    64 ctl head-office dictionary apply "$text" -- "account.name" "narrower"
check "a number is not used again" change_and \
    'field("industry", "retired = true;"); add("account", "{ number = 5; name = \"trade\"; en = \"Trade\"; zh = \"行当\"; type = \"str(60)\"; merge = \"LWW\"; sensitivity = 1; }")' \
    64 ctl head-office dictionary apply "$text" -- "never reused"
check "nothing takes over from a field in use" change_and \
    'add("account", "{ number = 900; name = \"trade\"; en = \"Trade\"; zh = \"行当\"; type = \"str(60)\"; merge = \"KEEP\"; sensitivity = 1; was = \"industry\"; }")' \
    64 ctl head-office dictionary apply "$text" -- "industry" "still in use"
check "nor what would not take its values" change_and \
    'field("industry", "retired = true;"); add("account", "{ number = 900; name = \"trade\"; en = \"Trade\"; zh = \"行当\"; type = \"str(6)\"; merge = \"KEEP\"; sensitivity = 1; was = \"industry\"; }")' \
    64 ctl head-office dictionary apply "$text" -- "narrower"

branch_may_not()
{
    export_text && refuses 1 ctl east dictionary apply "$text" -- "head office"
}
check "a branch signs no dictionary" branch_may_not

# ---- the first edition, while both are away ---------------------------------

check "both work on, with no server near" eval '
    rep mei account edit "${shop[0]}" industry=tea &&
    rep lin account edit "${shop[1]}" industry=coffee &&
    rep lin account edit "${shop[0]}" "alias=Corner"'

retire='field("industry", "retired = true;")
add("account", "{ number = 900; name = \"trade\"; en = \"Trade\"; zh = \"行当\"; type = \"str(60)\"; merge = \"KEEP\"; sensitivity = 1; was = \"industry\"; }")
field("source", "required = true;")'

dry_run()
{
    cp "$text" "$tap_dir/first.conf" &&
        refuses 0 ctl head-office dictionary apply "$text" --dry-run -- \
            "retired; \"trade\" takes over" "takes over from \"industry\"" \
            "required from now on" &&
        ctl head-office documents list | grep dictionary >"$said" &&
        ! grep -q ' 2 ' "$said"
}
check "a dry run says what would change" \
    eval 'export_text && edit_text "$text" "$retire" && dry_run'
check "diff says the same" \
    refuses 0 ctl head-office dictionary diff "$text" -- "takes over"
check "then it is put in force" \
    refuses 0 ctl head-office dictionary apply "$text" -- "in_force: 2"
check "a text made from the edition before is not put on top of it" \
    refuses 64 ctl head-office dictionary apply "$tap_dir/first.conf" -- \
    "made from edition 1" "edition 2 is in force"

put_policy()
{
    ctl head-office policy apply "$roles"
}
policy()
{
    ctl head-office policy export --out "$roles" &&
        sed -i 's/"industry"/"industry", "trade"/' "$roles" && put_policy
}
check "the policy names the new field" policy
check "the branch learns of both" ctl east uplink now

second_device()
{
    refuses 0 rep lin sync -- "" &&
        show lin "${shop[1]}" "Trade" "coffee" &&
        rep lin account edit "${shop[0]}" "trade=tea house" &&
        rep lin account edit "${shop[1]}" "trade=coffee roaster" &&
        show lin "${shop[0]}" "tea house" && rep lin sync
}
check "one comes back: what it typed to the old field shows under the new" \
    second_device
check "nothing of it was refused" \
    eval 'rep lin rejected list >"$said" && ! grep -q industry "$said"'
check "an old name leads to the new field" \
    eval 'rep lin account edit "${shop[2]}" industry=soap &&
        show lin "${shop[2]}" Trade soap'
new_rules()
{
    refuses 1 rep lin account add "Without source" -- "source"
}
check "and is asked for what is required now" new_rules

# ---- the second edition -----------------------------------------------------

rename='once("name = \"trade\"", "name = \"line\"")
once("en = \"Trade\"", "en = \"Line of trade\"")
add("account", "{ number = 901; name = \"grade\"; en = \"Grade\"; zh = \"等级\"; type = \"uint(1, 9)\"; merge = \"LWW\"; sensitivity = 1; required = true; }")'

second_edition()
{
    export_text && edit_text "$text" "$rename" &&
        refuses 0 ctl head-office dictionary diff "$text" -- \
            'was called "trade"' "new field 901, required" &&
        refuses 0 ctl head-office dictionary apply "$text" -- "in_force: 3" &&
        ctl head-office policy export --out "$roles" &&
        sed -i 's/"line"/"line", "grade"/' "$roles" && put_policy &&
        ctl east uplink now
}
check "lin is away again and works under the second edition" eval '
    rep lin account edit "${shop[3]}" trade=bakery &&
    rep lin account add "Second day" source=fair trade=silk'
check "a name changes, and a new field is required" second_edition

# mei has seen neither edition.
mei_works()
{
    rep mei account edit "${shop[1]}" industry=cocoa &&
        rep mei account add "First day" industry=porcelain &&
        rep mei note add "${shop[2]}" "No time to update" &&
        refuses 0 rep mei status -- "" && rep mei sync
}
check "the other comes back after two editions, with all it did" mei_works
check "and the one of the second edition" eval 'rep lin sync && rep mei sync && rep lin sync'

none_refused()
{
    local device
    for device in mei lin; do
        rep "$device" rejected list --json >"$said" &&
            python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
rows = next(v for v in d.values() if isinstance(v, list))
sys.exit(len(rows))' "$said" || return 1
    done
}
check "nothing of both was refused" none_refused
check "a record of before stands without what is required since" eval '
    show lin "First day" "Line of trade" porcelain &&
    show mei "Second day" "Line of trade" silk &&
    show mei "${shop[3]}" bakery'

beside()
{
    show "$1" "${shop[1]}" "cocoa" "coffee roaster" "values stand" &&
        show "$1" "${shop[0]}" "tea" "tea house"
}
check "what was typed to the old field stands beside the new" \
    eval 'beside mei && beside lin'

settle()
{
    rep mei conflicts settle "${shop[1]}" line --value cocoa || return 1
    rep mei sync && rep lin sync && show lin "${shop[1]}" cocoa &&
        ! grep -q "coffee roaster" "$said"
}
check "settling has seen both" settle

# ---- the end ----------------------------------------------------------------

quiet()
{
    local device
    ctl east uplink now >/dev/null && ctl east uplink now >"$said" &&
        says "nothing_to_do: yes" || return 1
    for device in mei lin; do
        rep "$device" sync --json >"$said" && cat "$said" || return 1
        ! grep -q '"alarms": [1-9]' "$said" || return 1
    done
    for device in head-office east; do
        ctl "$device" status >"$said" &&
            grep -q 'alarms: 0' "$said" || { cat "$said"; return 1; }
    done
}
check "all hold the same, proved, with nothing left to say" quiet

head_office_has()
{
    ctl head-office log show --limit 200 >"$said" && ! grep -q "refused" "$said"
}
check "head office has every commit accepted" head_office_has

tap_done
