#!/usr/bin/env bash
# Goal: customers who may be one. An import brings in four who may be here
# already: a dry run counts them, the import leaves each pair for the managers'
# inbox, once, and what was answered does not come again. Two managers decide
# away from each other: one merge the other way round is refused and says that
# the two are one already, the same merge twice makes one customer, an undo
# brings both back. How far back an inbox looks is head office's to say (cap
# 10).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Pairs" &&
        ctl head-office branch add east --territories e-1,e-2 &&
        ctl head-office user add ann --role rep --unit east \
            --territories e-1 &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add tom --role manager --unit east &&
        printf '%s\n' "name,territory_id,phone_main" \
            "Tea House,e-1,13811110000" "中华商行,e-1,13822220000" \
            "Corner Bar,e-1,13833330000" >"$tap_dir/first.csv" &&
        ctl head-office import account "$tap_dir/first.csv" --as admin &&
        world_branch east && ctl east uplink now
}

# Same name, a name that sounds the same, same telephone, and one of the file
# itself; the last is nobody's double.
second()
{
    printf '%s\n' "name,territory_id,phone_main" \
        "TEA  house,e-2,13811119999" "钟华商行,e-2,13822229999" \
        "New Bar,e-2,138 3333 0000" "new-bar,e-2,13800001111" \
        "Alone,e-2,13800002222" >"$tap_dir/second.csv" &&
        fails 0 ctl head-office import account "$tap_dir/second.csv" \
            --as admin --dry-run --json &&
        holds '(d["created"], d["similar"], d["pairs_to_decide"]) ==
            (5, 4, 4)' &&
        fails 0 ctl head-office import account "$tap_dir/second.csv" \
            --as admin --json &&
        holds '(d["imported"], d["similar"], d["pairs_to_decide"]) ==
            (5, 4, 4)' && ctl east uplink now
}

devices()
{
    local user
    for user in ann mia tom; do
        world_device "$user" east "$user" && rep "$user" sync || return 1
    done
}

# pairs LOGIN: the older and what is said of the newer, by name.
pairs()
{
    rep "$1" inbox --kind duplicate --json >"$said" &&
        json 'sorted((i["title"], i["what"]) for i in d["items"])'
}

# key LOGIN OLDER NEWER
key()
{
    rep "$1" inbox --kind duplicate --json >"$said" &&
        json "[i['key'] for i in d['items'] if i['title'] == '$2' and
            i['what'].startswith('and $3:')][0]"
}

waits()
{
    local mia tom
    mia=$(pairs mia) && tom=$(pairs tom) && [ "$mia" = "$tom" ] &&
        [ "$mia" = "[('Corner Bar', 'and New Bar: same phone'),\
 ('New Bar', 'and new-bar: same name'),\
 ('Tea House', 'and TEA  house: same name'),\
 ('中华商行', 'and 钟华商行: sounds the same')]" ] || return 1
    # what tells the two apart stands below
    fails 0 rep mia inbox show "$(key mia "Tea House" "TEA  house")" &&
        says "older: Tea House" "newer: TEA  house" "e-2" &&
        fails 0 rep mia inbox --kind duplicate --lang zh && says "拼音相同"
}

# Head office's number; both: what somebody asks about stays.
looks_back()
{
    rep mia account add "Corner  bar" phone_main=13855550000 \
        territory_id=e-1 --anyway && rep mia sync || return 1
    [ "$(rep mia inbox --kind duplicate | wc -l)" -eq 5 ] || return 1
    fails 64 ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
data_rule = ( { name = "Pairs"; kind = "pairs"; } );
CONF
    says "days" "most"
    ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
data_rule = ( { name = "Pairs"; kind = "pairs"; days = 30; most = 2; } );
CONF
    ctl east uplink now && rep mia sync && fails 0 rep mia inbox --json &&
        holds 'd["total"] == 2' || return 1
    ctl head-office care apply /dev/stdin --as admin <<'CONF' || return 1
data_rule = ( { name = "Pairs"; kind = "pairs"; days = 60; most = 100; } );
CONF
    ctl east uplink now && rep mia sync &&
        [ "$(rep mia inbox --kind duplicate | wc -l)" -eq 5 ] &&
        fails 0 rep mia inbox decide "$(key mia "Corner Bar" "Corner  bar")" \
            --as not-same --reason "two bars" && rep mia sync
}

answered()
{
    fails 0 rep mia inbox decide "$(key mia 中华商行 钟华商行)" \
        --as not-same --reason "two firms" && rep mia sync &&
        rep tom sync && [ "$(rep tom inbox --kind duplicate | wc -l)" -eq 3 ] &&
        rep mia inbox --json >"$said" && holds 'd["total"] == 3'
}

id() { rep "$1" account list "$2" --ids | sed -n 1p; }

merges()
{
    old=$(id mia "Tea House") &&
        new=$(rep mia inbox show "$(key mia "Tea House" "TEA  house")" |
            sed -n 's/^ *newer: .* //p') && [ -n "$new" ] &&
        fails 0 rep mia inbox decide "$(key mia "Tea House" "TEA  house")" \
            --as merge --reason "one shop" && says "satchel account unmerge" &&
        fails 0 rep mia account show "Tea House" &&
        says "also this one: TEA  house ($new)" "satchel account unmerge" &&
        fails 0 rep mia account show "$new" &&
        says "merged into this one: TEA  house" "(account $old)" &&
        fails 0 rep mia account show "$old" --lang zh && says "也是此客户：" &&
        # written to the one that is no more: it is the other one's
        fails 0 rep mia account edit "TEA  house" industry=tea &&
        [ "$(cat "$said")" = "$old" ]
}

# Tom has not heard of it.
other_way_round()
{
    fails 0 rep tom account merge "$new" "$old" && rep mia sync &&
        fails 0 rep tom sync && says "1 refused" &&
        fails 0 rep tom rejected && says "they are one already" "discard" &&
        # a list, no verdict: what he wrote there never stood
        rep tom account history "Tea House" --field merged_into --json \
            >"$said" && is "$(json '[(c["author"], c["stands"]) for c in
            d["changes"]]')" "[('tom', 'refused'), ('mia', 'shown')]" &&
        fails 0 rep tom rejected --lang zh && says "两者已是同一客户" &&
        fails 0 rep tom rejected --json && holds 'd["rejected"][0]["records"]
            and d["rejected"][0]["name"] == "SP_E_CYCLE"' &&
        rep tom rejected discard "$(json 'd["rejected"][0]["key"]')" &&
        fails 0 rep tom account show "$new" && says "(account $old)" &&
        rep tom account merges --json >"$said" &&
        holds 'len(d["merges"]) == 1'
}

# Both merge the same two the same way.
twice()
{
    local case
    rep mia inbox decide "$(key mia "New Bar" "new-bar")" --as merge \
        --reason one &&
        rep tom inbox decide "$(key tom "New Bar" "new-bar")" --as merge \
            --reason one && rep mia sync && rep tom sync && rep mia sync &&
        fails 0 rep tom rejected && says "nothing was refused" &&
        [ "$(rep mia account list --ids | wc -l)" -eq 7 ] &&
        [ "$(rep tom account list --ids | sort)" = \
            "$(rep mia account list --ids | sort)" ] || return 1
    # merged once more, into the bar at the corner
    fails 0 rep mia inbox decide "$(key mia "Corner Bar" "New Bar")" \
        --as merge --reason "same telephone" && rep mia sync &&
        rep tom sync && fails 0 rep tom account show new-bar &&
        says "Corner Bar  (account" &&
        [ "$(rep tom inbox --kind duplicate | wc -l)" -eq 0 ] || return 1
    case=$(rep tom account merges --json >"$said" &&
        json '[m["case"] for m in d["merges"]
            if m["kept"]["title"] == "Corner Bar"][0]') &&
        fails 0 rep tom account unmerge "$case" && rep tom sync &&
        rep mia sync && fails 0 rep mia account show new-bar &&
        says "New Bar  (account" &&
        # nobody has said that those are two: it is asked again
        [ "$(pairs mia)" = "[('Corner Bar', 'and New Bar: same phone')]" ]
}

# What is merged or told apart is not asked once more by an import that
# changes nothing, and by one that brings somebody new it is asked of him.
again()
{
    fails 1 ctl head-office import account "$tap_dir/second.csv" --as admin &&
        ctl east uplink now &&
        printf '%s\n' "name,territory_id,phone_main" \
            "中华商行,e-2,13877770000" >"$tap_dir/third.csv" &&
        fails 0 ctl head-office import account "$tap_dir/third.csv" \
            --as admin --json && holds 'd["pairs_to_decide"] == 1' &&
        ctl east uplink now && rep mia sync &&
        [ "$(pairs mia)" = "[('Corner Bar', 'and New Bar: same phone'),\
 ('中华商行', 'and 中华商行: same name')]" ]
}

check "head office, a branch, three customers" world
check "a second file: four may be here already, a dry run counts them" second
check "a rep and two managers" devices
check "cap 10: both managers have the four pairs in the inbox, with why" waits
check "how new and how many is head office's rule" looks_back
check "what was answered is not asked on another device" answered
check "merged from the inbox: the account says so, the other leads to it" merges
check "merged the other way round elsewhere: they are one already" other_way_round
check "merged by both, merged again, undone: nobody is lost" twice
check "a file asks of those alone who are new" again
tap_done
