#!/usr/bin/env bash
# Goal: marketing has of a customer's people what they agreed to, and nothing of
# the others: the end of a name, and how somebody likes to be reached, come to
# its device with the consent and go with the withdrawal, whoever typed which of
# them where. A list of them leaves with a second person alone, and has those
# who gave their consent and no row of anybody else. A grant of what stands by a
# consent without that consent is refused.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

now=2026-03-01T08:00:00Z
given() { echo "$1=state=given; at=$now"; }
withdrawn() { echo "$1=state=withdrawn; at=2026-03-02T08:00:00Z"; }

world()
{
    world_head_office Consent &&
        ctl head-office branch add east --territories e-1 &&
        ctl head-office user add rex --role rep --unit east --territories e-1 &&
        ctl head-office user add cleo --role rep --unit east --territories e-1 &&
        ctl head-office user add kim --role marketing &&
        world_branch east && ctl east uplink now &&
        world_device rex east rex && world_device cleo east cleo &&
        world_device kim head-office kim && ctl east uplink now &&
        rep rex sync && rep cleo sync && rep kim sync
}

people()
{
    rep rex account add "Tea House" kind=customer territory_id=e-1 &&
        mei=$(rep rex contact add "Tea House" 李梅 preferred_channel=wechat \
            preferred_time=mornings phones+=13812345678 \
            "$(given consent_messages)") &&
        fang=$(rep rex contact add "Tea House" 王芳 preferred_channel=phone \
            phones+=13812345679) &&
        wei=$(rep rex contact add "Tea House" 赵伟 "$(given consent_calls)" \
            "$(given consent_birthday)" \
            "birthday=calendar=solar; month=7; day=9")
}

everybody_syncs()
{
    local user
    for user in rex cleo; do
        rep "$user" sync || return 1
    done
    ctl east uplink now && rep kim sync &&
        ctl east uplink now && rep rex sync && rep cleo sync
}
everybody_hears()
{
    everybody_syncs && everybody_syncs
}

# What kim's device has of somebody, by the tables of its store as well.
kim_shows() # ID
{
    fails 0 rep kim contact show "$1"
}
kim_holds() # TEXT
{
    rep kim lock && look_into device kim "$tap_dir/kim" && rep kim unlock ||
        return 2
    cat "$tap_dir/kim" "$tap_dir/kim.entries" | grep -qF "$(hex "$1")"
}
quiet() # all the same, and no proof failed
{
    local user
    for user in rex cleo kim; do
        fails 0 rep "$user" sync --json && is 'd["alarms"]' 0 || return 1
    done
}

has_those_who_agreed()
{
    everybody_hears && kim_shows "$mei" && says "****梅" WeChat mornings &&
        ! grep -e 李 -e 12345678 "$said" && kim_shows "$wei" &&
        says "****伟" && kim_shows "$fang" && ! grep -e 芳 -e hone "$said" &&
        kim_holds "****梅" && ! kim_holds "****芳" && ! kim_holds 李梅 &&
        quiet
}

agrees_later()
{
    rep cleo contact edit "$fang" "$(given consent_messages)" &&
        everybody_hears && kim_shows "$fang" && says "****芳" && quiet
}

# Cleo has not heard of the no when she types the name anew.
says_no_while_another_types()
{
    rep rex contact edit "$mei" "$(withdrawn consent_messages)" &&
        rep cleo contact edit "$mei" name=李梅英 && everybody_hears &&
        kim_shows "$mei" && ! grep -e 梅 -e 英 -e mornings "$said" &&
        ! kim_holds "****梅" && ! kim_holds "****英" && quiet
}

# Of a yes and a no that did not know of each other the no counts.
yes_and_no_apart()
{
    rep rex contact edit "$fang" "$(withdrawn consent_messages)" &&
        rep cleo contact edit "$fang" "$(given consent_messages)" \
            preferred_time=evenings &&
        everybody_hears && kim_shows "$fang" &&
        ! grep -e 芳 -e evenings "$said" && ! kim_holds "****芳" &&
        rep cleo contact edit "$fang" "$(given consent_messages)" &&
        everybody_hears && kim_shows "$fang" && says "****芳" evenings &&
        quiet
}

# ---- out -------------------------------------------------------------------

approved_list() # FILE
{
    local request
    request=$(ctl head-office exports request csv contact --as kim \
        --why "spring letter" | answer request) && [ -n "$request" ] &&
        ! ctl head-office export csv contact --as kim \
            --approval "$request" --out "$1" 2>/dev/null && [ ! -e "$1" ] &&
        ! ctl head-office exports approve "$request" --as kim 2>/dev/null &&
        ctl head-office exports approve "$request" --as admin &&
        ctl head-office export csv contact --as kim --approval "$request" \
            --out "$1"
}
list_has_those_who_agreed()
{
    refuses 1 ctl head-office export csv contact --as kim \
        --out "$tap_dir/no.csv" -- "second person" &&
        [ ! -e "$tap_dir/no.csv" ] &&
        refuses 1 rep kim export csv contact --out "$tap_dir/no.csv" -- \
            "second person" && [ ! -e "$tap_dir/no.csv" ] &&
        approved_list "$tap_dir/list.csv" || return 1
    python3 - "$tap_dir/list.csv" "$fang" "$wei" <<'END'
import csv
import sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
by_id = {r["id"]: r for r in rows}
assert sorted(by_id) == sorted(sys.argv[2:]), by_id
fang, wei = by_id[sys.argv[2]], by_id[sys.argv[3]]
assert fang["message_name"].endswith("芳") and fang["call_name"] == ""
assert fang["message_time"] == "evenings" and fang["call_time"] == ""
assert wei["call_name"].endswith("伟") and wei["message_name"] == ""
assert wei["greeting_month"] == "7"
assert not any(r["name"] or r["phones"] or r["birthday"] for r in rows
               if "name" in r and "phones" in r and "birthday" in r)
END
}
and_no_longer_who_withdrew()
{
    rep rex contact edit "$fang" "$(withdrawn consent_messages)" &&
        everybody_hears && approved_list "$tap_dir/later.csv" &&
        grep -q "$wei" "$tap_dir/later.csv" &&
        ! grep -e "$fang" -e "$mei" "$tap_dir/later.csv"
}

# Where the policy asks nobody, a device takes out the same people.
from_the_device()
{
    ctl head-office policy export --out "$tap_dir/policy.conf" &&
        python3 - "$tap_dir/policy.conf" <<'END' || return 1
import sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
at = text.index('name = "marketing"')
end = text.index("rules =", at)
part = text[at:end].replace("asks = true;", "")
assert part != text[at:end]
open(path, "w", encoding="utf-8").write(text[:at] + part + text[end:])
END
    ctl head-office policy apply "$tap_dir/policy.conf" && rep kim sync &&
        rep kim export csv contact --out "$tap_dir/device.csv" &&
        grep "$wei" "$tap_dir/device.csv" | grep -q "\*\*\*\*伟" &&
        ! grep -e "$fang" -e "$mei" "$tap_dir/device.csv" &&
        head -1 "$tap_dir/device.csv" | grep -q message_name
}

# ---- rules -----------------------------------------------------------------

policy_without_the_consent()
{
    ctl head-office policy export --out "$tap_dir/policy.conf" &&
        python3 - "$tap_dir/policy.conf" <<'END' || return 1
import sys
text = open(sys.argv[1], encoding="utf-8").read()
start = text.index("rule = 702;")
end = text.index("rule =", start + 1)
part = text[start:end].replace('"consent_calls"', '"name_masked"')
open(sys.argv[1], "w", encoding="utf-8").write(text[:start] + part + text[end:])
END
    refuses 64 ctl head-office policy check "$tap_dir/policy.conf" -- \
        call_name consent_calls
}
another_consent_for_what_stands()
{
    ctl head-office dictionary export --out "$tap_dir/dictionary.conf" &&
        python3 - "$tap_dir/dictionary.conf" <<'END' || return 1
import sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
at = text.index('name = "call_name"')
part = text[at:].replace('needs = "consent_calls"',
                         'needs = "consent_messages"', 1)
open(path, "w", encoding="utf-8").write(text[:at] + part)
END
    refuses 64 ctl head-office dictionary diff "$tap_dir/dictionary.conf" -- \
        call_name "the consent that it stands by"
}

check "head office, a branch, two reps and marketing" world
check "three people: messages, nothing, calls and a birthday" people
check "marketing's device has of each what he agreed to" has_those_who_agreed
check "who agrees later is there after a sync" agrees_later
check "a withdrawal takes it, though another edits the name" \
    says_no_while_another_types
check "of a yes and a no apart the no counts, until somebody saw both" \
    yes_and_no_apart
check "a list leaves with a second person, of those who agreed" \
    list_has_those_who_agreed
check "who withdrew is on no list any more" and_no_longer_who_withdrew
check "a device whose list asks nobody takes out the same" from_the_device
check "a grant without the consent is refused" policy_without_the_consent
check "what stands by one consent never stands by another" \
    another_consent_for_what_stands

tap_done
