#!/usr/bin/env bash
# Goal: reports on customers, sales, visits, care and the market say the same
# on a rep's device, at the branch and at head office, each of what its reader
# may see (cap 113).
#
# North, Ann's: ten customers bought so, returns below 0, in CNY:
#     N1 2500 10 days ago + 2500 5 days ago    N2 3000 5 days ago
#     N3 1000, N4 to N7 500 each, N8 -200, N9 -300, N10 -500, 10 days ago
#   sold 11000, returns 1000, net 10000; ten customers, so the best 20 % are N1
#   and N2: 8000 = 80 %; the curve is highest behind N7: 11000 = 110 %; the worst
#   30 % cost 1000 = 10 %. 57 % and 80 % need 2 customers, 90 % needs 3.
#   Paid are all orders, save N7's: 6 customers bought, N1 again: 16.7 %. Scored
#   are these 6; M 5 is N1 alone, 5000 of the 10500 that were paid (the returns
#   are those of customers who are not scored): 47.6 %.
# South, Bob's: S1 99 USD 5 days ago, unpaid.
# Ann called N2 back, of three orders of 2,000 and more: 33.3 %. She planned N1
# and N2 today, and visited N1 (an order): 50 % kept; both have a cycle of 7
# days: 50 % covered. On N1's shelf: 6 facings of ours, 2 of a rival's: 75 %.
# N1 went from potential to target, N2 became potential: 50 % converted.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai
ago() { date -d "$1 days ago" +%F; }
since=$(ago 30)

files()
{
    local ten five
    ten=$(ago 10) five=$(ago 5)
    {
        echo "number,name,territory_id,owner_id,visit_cycle_days"
        echo "N1,Shop 1,north,ann,7"
        echo "N2,Shop 2,north,ann,7"
        for i in 3 4 5 6 7 8 9 10; do echo "N$i,Shop $i,north,ann,"; done
        echo "S1,South,south,bob,"
    } >"$tap_dir/accounts.csv"
    {
        echo "account,date,amount,paid"
        echo "N1,$ten,2500.00 CNY,$ten"
        echo "N1,$five,2500.00 CNY,$five"
        echo "N2,$five,3000.00 CNY,$five"
        echo "N3,$ten,1000.00 CNY,$ten"
        for i in 4 5 6; do echo "N$i,$ten,500.00 CNY,$ten"; done
        echo "N7,$ten,500.00 CNY,"
        echo "N8,$ten,-200.00 CNY,"
        echo "N9,$ten,-300.00 CNY,"
        echo "N10,$ten,-500.00 CNY,"
        echo "S1,$five,99.00 USD,"
    } >"$tap_dir/purchases.csv"
}

world()
{
    files && world_head_office "Reports" &&
        ctl head-office branch add east --territories north &&
        ctl head-office branch add west --territories south &&
        ctl head-office user add ann --name Ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add bob --role rep --unit west \
            --territories south || return 1
    for who in analyst finance; do
        ctl head-office user add "$who" --role "$who" || return 1
    done
    ctl head-office import accounts "$tap_dir/accounts.csv" --as admin &&
        ctl head-office import purchase "$tap_dir/purchases.csv" --as admin &&
        ctl head-office care apply \
            "$SATCHEL_ROOT/server/policy/default/care.conf" --as admin &&
        world_branch east && ctl east uplink now &&
        world_device ann east ann && rep ann sync
}

a_day()
{
    rep ann record add planned_visit --of "Shop 1" rep=me date=today &&
        rep ann record add planned_visit --of "Shop 2" rep=me date=today &&
        rep ann account stage "Shop 1" potential &&
        rep ann account stage "Shop 1" target &&
        rep ann account stage "Shop 2" potential &&
        rep ann visit start "Shop 1" &&
        rep ann visit check tea facings=6 "price=30.00 CNY" &&
        rep ann visit check green facings=2 "price=28.00 CNY" \
            competitor=Rival && rep ann visit end --outcome order &&
        rep ann care call "Shop 2" --outcome answered && rep ann sync
}

# Of a device: rows of a table are objects. Of a server the tables lie in a
# list. row TABLE N KEY...
row() { echo "d['tables']['$1'][$2]"; }
hq_row() { echo "[t for t in d['tables'] if t['name'] == '$1'][0]['rows'][$2]"; }

device() { fails 0 rep ann --json report "$@"; }
branch() { fails 0 ctl east --json report "$@"; }
hq() { fails 0 ctl head-office --json report "$@"; }

lists()
{
    fails 0 rep ann --json report &&
        holds '[r["name"] for r in d["reports"]][:3] ==
            ["sales", "rfm", "churn"] and len(d["reports"]) == 15' &&
        refuses 1 rep ann report profits -- "no report" "profits" &&
        refuses 64 ctl head-office report sales -- "--as" &&
        refuses 1 ctl head-office report profits --as mia -- "no report" &&
        refuses 64 rep ann report sales --from today --until "$since" -- \
            "before it begins" &&
        refuses 64 rep ann report sales --currency yuan -- "capital letters" &&
        refuses 64 rep ann report ltv --margin much -- "no margin"
}

sales()
{
    device sales --from "$since" || return 1
    holds "$(row sales 0)['gross'] == '11000.00 CNY' and
        $(row sales 0)['returns'] == '1000.00 CNY' and
        $(row sales 0)['net'] == '10000.00 CNY' and
        'growth' not in $(row sales 0)" &&
        holds "$(row people 0) == {'who': 'Ann', 'orders': 8,
            'net': '10000.00 CNY'}"
}

customers()
{
    device curve || return 1
    holds "[f['percent'] for f in d['tables']['figures']] ==
        ['80.0', '110.0', '10.0']" &&
        device concentration &&
        holds "[s['customers'] for s in d['tables']['shares']] == [2, 2, 3]" &&
        device repurchase &&
        holds "$(row people 0) == {'who': '*', 'customers': 6, 'again': 1,
            'rate': '16.7'}" &&
        device rfm &&
        holds 'd["remarks"]["scored"] == "customers scored: 6"' &&
        holds 'd["remarks"]["without"] ==
            "customers left out, without a paid order: 4"' &&
        holds "($(row money 0)['customers'], $(row money 0)['net'],
            $(row money 0)['share']) == (1, '5000.00 CNY', '47.6')" &&
        holds "sum(c['customers'] for c in d['tables']['cells']) == 6 and
            sum(v for m in d['tables']['map'] for k, v in m.items()
                if k != 'r') == 6" &&
        device ltv --margin 30 &&
        holds "$(row value 0) == {'figure': 'spent', 'amount':
            '10000.00 CNY'}"
}

field()
{
    device visits || return 1
    holds "($(row people 0)['planned'], $(row people 0)['adherence'],
        $(row people 0)['due'], $(row people 0)['coverage'],
        $(row people 0)['visits'], $(row people 0)['strike']) ==
        (2, '50.0', 2, '50.0', 1, '100.0')" &&
        holds "[o['customer'] for o in d['tables']['overdue']] == ['Shop 2']" &&
        device care --from "$since" &&
        holds "$(row callbacks 0) == {'from': '2000.00 CNY', 'orders': 3,
            'called': 1, 'percent': '33.3'}" &&
        device market &&
        holds "[(s['maker'], s['share']) for s in d['tables']['shelf']] ==
            [('-', '75.0'), ('Rival', '25.0')]" &&
        device rivals &&
        holds "[p['median'] for p in d['tables']['products']] ==
            ['30.00 CNY', '28.00 CNY']" &&
        device funnel &&
        holds "$(row stages 0)['entered'] == 2 and
            $(row stages 0)['conversion'] == '50.0'"
}

# The same figures at the branch, by one who manages it.
at_the_branch()
{
    branch curve --as mia || return 1
    holds "[f['percent'] for f in [t for t in d['tables']
        if t['name'] == 'figures'][0]['rows']] == ['80.0', '110.0', '10.0']" &&
        holds '"freshness" not in d and d["customers"] == 10' &&
        branch visits --as mia &&
        holds "$(hq_row people 0)['adherence'] == '50.0' and
            $(hq_row people 0)['coverage'] == '50.0'" &&
        branch completeness --as mia && branch quality --as mia &&
        holds "$(hq_row people 0)['customers'] == 10"
}

# Ann's ten edits (two plans, three moves, the visit's start and end, two checks,
# a call) were judged there, none refused; her device is the one there is.
devices()
{
    branch sync --as mia || return 1
    holds "[($(hq_row sync 0)['count']), $(hq_row sync 1)['percent'],
        $(hq_row sync 2)['count'], $(hq_row sync 3)['percent'],
        $(hq_row sync 4)['count']] == [1, '100.0', 10, '0.0', 0]" &&
        refuses 1 ctl east report sync --as ann -- "manages devices" &&
        fails 0 ctl head-office report && says "sync"
}

# Head office has both branches; the other currency is counted, not added.
at_head_office()
{
    ctl east uplink now && hq sales --as analyst --from "$since" || return 1
    holds "[r['net'] for r in [t for t in d['tables'] if t['name'] == 'sales']
        [0]['rows']] == ['10000.00 CNY', '99.00 USD']" &&
        holds 'd["branches"] == d["branches_in"] == 1 and
            d["freshness"].startswith("1 of 1 branches") and
            d["customers"] == 11' &&
        hq curve --as analyst &&
        holds 'any(n["name"] == "other_currencies" for n in d["remarks"])' &&
        hq curve --as analyst --currency USD &&
        holds "$(hq_row curve 9)['revenue'] == '100.0'"
}

# Nobody gets figures of what he may not see.
who_may()
{
    hq sales --as mia --from "$since" || return 1
    holds 'd["customers"] == 10 and d["not_shown"] == 2' &&
        holds "len([t for t in d['tables'] if t['name'] == 'sales'][0]
            ['rows']) == 1" &&
        refuses 1 ctl head-office report visits --as finance -- \
            "none of the roles reads" "account" &&
        refuses 1 ctl head-office report sales --as nobody -- "nobody" &&
        grep -q "event=report name=sales user=" "$world_dir/head-office.log"
}

# People see it drawn: on a terminal the rate has a bar with the line at 50 %,
# and counts have shades; programs get tabs.
drawn()
{
    fails 0 python3 -B "$SATCHEL_ROOT/tests/e2e/screen.py" "$world_satchel" \
        --dir "$world_dir/ann" report repurchase && says "16.7  ###" "|" ||
        return 1
    fails 0 python3 -B "$SATCHEL_ROOT/tests/e2e/screen.py" "$world_satchel" \
        --dir "$world_dir/ann" --lang zh report rfm && says "按最近消费" "47.6  ####" &&
        grep -qE "^1 .*[1-9] [.:+#]" "$said" &&
        fails 0 python3 -B "$SATCHEL_ROOT/tests/e2e/screen.py" "$world_ctl" \
            --dir "$world_dir/east" --lang zh report curve --as mia &&
        says "前 20 % 客户贡献" "80.0" "##########" || return 1
    rep ann report concentration >"$said" 2>/dev/null &&
        [ "$(head -n 1 "$said")" = "$(printf '57\t2\t20.0')" ]
}

check "a small company" world
check "Ann works a day" a_day
check "cap 113: the reports are listed, and what cannot be asked is said" lists
check "cap 113: sales are net of returns" sales
check "cap 113: curve, concentration, repurchase and rfm of ten customers" \
    customers
check "cap 113: visits, care, market and funnel of the day" field
check "cap 113: the branch says the same" at_the_branch
check "cap 113: the branch says how its devices keep up" devices
check "cap 113: head office says how fresh, and adds no currencies" \
    at_head_office
check "cap 113: on a terminal figures are drawn, in Chinese too" drawn
check "cap 113: each reader gets figures of what he may see" who_may
tap_done
