#!/usr/bin/env bash
# Goal: a day at head office (journey C3). Every figure says how fresh it is;
# marketing counts a segment step by step; the analyst has tiers without a name,
# and a copy that is the same however often it is made; the administrator rolls
# out a dictionary that hides a field on every device (cap 4), a policy after he
# has seen who loses what, and erases who was kept too long; the auditor sees
# what was written and erased, who took records out and who looked.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai
text=$tap_dir/dictionary.conf
roles=$tap_dir/policy.conf
hq() { ctl head-office "$@"; }
# satchelctl that must succeed; what it said lies in $said.
says_hq() { fails 0 hq "$@"; }

# ---- the organisation -----------------------------------------------------------

people()
{
    local who
    hq branch add east --territories north &&
        hq branch add west --territories south &&
        hq user add ann --role rep --unit east --territories north &&
        hq user add mia --role manager --unit east &&
        hq user add bob --role rep --unit west --territories south &&
        hq user add max --role manager --unit west || return 1
    for who in marketing analyst auditor finance; do
        hq user add "$who" --role "$who" || return 1
    done
}

# The 1,924 customers of the book, with what they bought.
customers()
{
    python3 -B "$SATCHEL_ROOT/tests/e2e/book.py" "$tap_dir" "$(date +%F)" &&
        hq import accounts "$tap_dir/accounts.csv" --as admin &&
        hq import purchase "$tap_dir/purchases.csv" --as admin \
            --currency CNY &&
        hq import tier_rule /dev/stdin --as admin <<'CSV'
tier,version,min_spend,window_days,active
gold,3,40000 CNY,365,yes
silver,1,10000 CNY,365,yes
CSV
}

branches()
{
    world_branch east && world_branch west && ctl east uplink now &&
        ctl west uplink now || return 1
    world_device ann east ann && rep ann sync &&
        world_device bob west bob && rep bob sync &&
        world_device max west max && rep max sync
}

desks()
{
    world_device kat head-office marketing && rep kat sync &&
        world_device ana head-office analyst && rep ana sync
}

# Which branches have come in, before anybody reads a figure.
freshness()
{
    says_hq freshness --json &&
        holds '[r[0] for r in d["rows"]] == ["east", "west"] and
            d["branches"] == d["branches_in"] == 2' &&
        says_hq show && says "2 of 2 branches"
}

# ---- marketing, analyst ---------------------------------------------------------

segment()
{
    fails 0 rep kat --json segment "territory_id = north" \
        "period_days <= 91" "purchase_count >= 2" "amount >= 1000" || return 1
    holds '[d["customers"]] + [s["left"] for s in d["steps"]] ==
        [1933, 1924, 1924, 1256, 437]'
}

# A tier says why; the analyst has numbers of customers, no names.
tiers()
{
    fails 0 rep ana --json segment "value_tier = gold" || return 1
    holds 'd["steps"][0]["left"] == 1' &&
        fails 0 rep ana account list --limit 5 && ! grep Customer "$said" &&
        fails 0 rep ana board --json && ! grep Customer "$said"
}

# Rows leave with a second person's word, once for each file.
taken() # FILE
{
    local request
    request=$(hq exports request csv account --as analyst --why "the quarter" |
        answer request) && hq exports approve "$request" --as admin &&
        hq export csv account --as analyst --approval "$request" \
            --out "$tap_dir/$1"
}
# The same records give the same file, and the same hash.
frozen()
{
    local one two
    taken a.csv && taken b.csv && cmp "$tap_dir/a.csv" "$tap_dir/b.csv" &&
        ! grep Customer "$tap_dir/a.csv" || return 1
    one=$(hq hash | answer hash) && two=$(hq hash | answer hash) &&
        [ -n "$one" ] && [ "$one" = "$two" ]
}

# ---- administrator --------------------------------------------------------------

# hide yes|no: no form asks for the field, no page shows it.
hide()
{
    hq dictionary export --out "$text" && python3 -B - "$text" "$1" <<'END'
import sys
path, hide = sys.argv[1:]
s = open(path, encoding="utf-8").read()
at = s.index('name = "ethnicity"')
end = s.index("}", at)
field = s[at:end].replace(" hidden = true;", "")
s = s[:at] + field.rstrip() + (" hidden = true; " if hide == "yes" else " ") + \
    s[end:]
open(path, "w", encoding="utf-8").write(s)
END
}

shown_before()
{
    local user
    hide no && says_hq dictionary apply "$text" && rm "$text" &&
        ctl east uplink now && ctl west uplink now || return 1
    for user in ann bob; do
        rep "$user" sync && fails 0 rep "$user" fields contact && says ethnicity || return 1
    done
    rep ann contact add "Customer 1" Li ethnicity=Zhuang \
        "consent_profile=state=given; at=$(date +%F)T00:00:00Z" &&
        rep ann sync && fails 0 rep ann contact show Li && says Zhuang
}

rolled_out()
{
    hide yes && says_hq dictionary diff "$text" && says ethnicity &&
        says_hq dictionary apply "$text" --dry-run &&
        says_hq dictionary apply "$text" && rm "$text" || return 1
    # By branches, one after the other: the west knows, the east does not yet.
    ctl west uplink now && rep bob sync && rep ann sync &&
        fails 0 rep bob fields contact && ! grep ethnicity "$said" &&
        fails 0 rep ann fields contact && says ethnicity
}

hidden_everywhere()
{
    ctl east uplink now && rep ann sync &&
        fails 0 rep ann fields contact && ! grep ethnicity "$said" &&
        fails 0 rep ann contact show Li && ! grep Zhuang "$said"
}

# What was hidden stands as it was.
shown_again()
{
    hide no && says_hq dictionary apply "$text" && ctl east uplink now &&
        rep ann sync && fails 0 rep ann contact show Li && says Zhuang
}

policy_rolled_out()
{
    hq policy export --out "$roles" && python3 -B - "$roles" <<'END' || return 1
import re, sys
path = sys.argv[1]
s = open(path, encoding="utf-8").read()
at = s.index("rule = 101;")
end = s.index("rule = 102;", at)
s = s[:at] + re.sub(r'"industry",\s*', "", s[at:end]) + s[end:]
open(path, "w", encoding="utf-8").write(s)
END
    says_hq policy apply "$roles" --dry-run && says ann bob industry &&
        rep ann account edit "Customer 1" industry=tea && rep ann sync &&
        says_hq policy apply "$roles" && ctl east uplink now &&
        rep ann sync && fails 0 rep ann account show "Customer 1" &&
        ! grep -i industry "$said"
}

# Bad input: whatever would leave nobody who manages people and policy.
last_administrator()
{
    refuses 1 hq user set admin --role rep -- "admin" "give somebody else" &&
        refuses 1 hq user revoke admin -- "admin" "somebody else" &&
        refuses 64 hq handover admin --to mia --as admin -- "somebody who" &&
        says_hq user list && grep "admin .*active" "$said"
}

# Two customers of the west bought 300 days ago, the others since; one of the
# two must be kept, for a court.
retention()
{
    printf '%s\n' 'data_rule = ( { name = "Too long"; kind = "retention";' \
        'days = 250; } );' >"$tap_dir/rule.conf" &&
        hq care apply "$tap_dir/rule.conf" --as admin &&
        rep max account edit "gold missed" legal_hold.yes=true \
            "legal_hold.reason=court case 12" && rep max sync &&
        ctl west uplink now || return 1
    says_hq retention check --as admin --json &&
        holds '(len(d["rows"]), d["erased"], d["held"]) == (1, 0, 1)' &&
        says_hq retention order --as admin --json &&
        hq user add second --role admin &&
        says_hq retention run "$(json 'd["order"]')" --as second --json &&
        holds 'd["erased"] == 1' || return 1
    ctl west uplink now && rep bob sync &&
        fails 1 rep bob account show "gold by a hair" &&
        fails 0 rep bob account show "gold missed"
}

# ---- auditor --------------------------------------------------------------------

who_took_what()
{
    rep ann export vcard --out "$tap_dir/cards.vcf" && rep ann sync &&
        ctl east uplink now && says_hq exports --as admin &&
        says analyst ann csv vcard
}

# Of who was erased the fact is left, and nothing that the record said.
what_was_erased()
{
    hq export csv erasure --as auditor --out "$tap_dir/erased.csv" &&
        [ "$(wc -l <"$tap_dir/erased.csv")" -eq 2 ] &&
        ! grep gold "$tap_dir/erased.csv"
}

who_looked()
{
    local one
    one=$(rep ann account list "Customer 1" --ids | head -n 1) &&
        says_hq account show "$one" --as auditor && says "Customer 1" &&
        says_hq account history "$one" --as auditor && says industry tea &&
        grep "event=record_read" "$world_dir/head-office.log" >"$said" &&
        says "$one"
}

what_was_written()
{
    says_hq log show --limit 20 && says accepted &&
        says_hq audit policy --as admin --json && holds 'len(d["rows"]) == 1'
}

nobody_else()
{
    refuses 1 hq audit policy --as marketing -- "manages policy" &&
        refuses 1 hq export jsonl --as analyst --all \
            --out "$tap_dir/all.jsonl" -- "jobs" &&
        [ ! -e "$tap_dir/all.jsonl" ]
}

check "head office starts" world_head_office "Headquarters"
check "two branches and nine people" people
check "the customers and what they bought" customers
check "the branches join, and two reps" branches
check "marketing and the analyst have a device at head office" desks
check "C3 morning: which branches are in, with every figure" freshness
check "C3 marketing: a segment is counted at each step" segment
check "C3 analyst: tiers, and nobody's name" tiers
check "C3 analyst: the same copy however often it is made" frozen
check "(a field that forms ask for)" shown_before
check "C3 administrator: a dictionary is rolled out branch by branch" rolled_out
check "cap 4: the hidden field is on no page of any device" hidden_everywhere
check "what was hidden stands, and is shown again" shown_again
check "C3 administrator: a policy, after it was seen who loses what" \
    policy_rolled_out
check "the last administrator cannot be taken away" last_administrator
check "C3 administrator: who was kept too long is gone from every device" \
    retention
check "C3 auditor: who took records out" who_took_what
check "C3 auditor: who was erased, and when" what_was_erased
check "C3 auditor: who looked at a named customer, and what was written to it" \
    who_looked
check "C3 auditor: commits, and what today's policy would refuse" \
    what_was_written
check "nobody else audits, nobody without the right copies everything" \
    nobody_else
tap_done
