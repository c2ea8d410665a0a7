#!/usr/bin/env bash
# Goal: what a rep does twice counts once. Two devices of one person that have
# not heard of each other both begin a visit: both stand, each device shows the
# other's after its sync, and the one that a manager declares void counts
# nowhere, the branch's close included. Working days are the same for goals and
# reports, for the rep and for finance; and whose role does not show what a tier
# follows from sees none rather than a wrong one.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

day() { date -d "$1" +%F; }

world()
{
    world_head_office "Field" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --name Ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --name Mia --role manager --unit east &&
        ctl head-office user add sue --name Sue --role service --unit east &&
        ctl head-office user add fay --name Fay --role finance &&
        customers && world_branch east && ctl east uplink now || return 1
    world_device ann east ann && world_device tablet east ann &&
        world_device mia east mia && world_device sue east sue &&
        world_device fay head-office fay && everybody
}

everybody()
{
    local who
    for who in ann tablet mia sue fay; do
        rep "$who" sync || return 1
    done
}

customers()
{
    printf '%s\n' "number,name,territory_id,owner_id" "G1,Gold,north,ann" \
        "L1,Little,north,ann" >"$tap_dir/shops.csv" &&
        ctl head-office import account "$tap_dir/shops.csv" --as admin &&
        printf '%s\n' "account,date,amount,paid" \
            "G1,$(day "-3 days"),30000.00 CNY,$(day "-3 days")" \
            "L1,$(day "-3 days"),10.00 CNY,$(day "-3 days")" \
            >"$tap_dir/bought.csv" &&
        ctl head-office import purchase "$tap_dir/bought.csv" --as admin &&
        printf '%s\n' 'tier_rule = (' \
            '{ tier = "gold"; version = 1; active = true;' \
            '  min_spend = "20000 CNY"; window_days = 365; },' \
            '{ tier = "low_yield"; version = 1; active = true;' \
            '  min_spend = "100 CNY"; max_visits = 12; window_days = 365; } );' \
            >"$tap_dir/tiers.conf" &&
        ctl head-office care apply "$tap_dir/tiers.conf" --as admin
}

# ---- one visit at a door ------------------------------------------------------

typed_twice()
{
    first=$(rep ann visit start Gold 2>"$said") || return 1
    refuses 1 rep ann visit start Gold -- "under way since $(day today)" &&
        refuses 1 rep ann --lang zh visit start Gold -- "仍在进行" || return 1
    rep ann --json visit start Little >"$said" || return 1
    holds '[(v["account"], v["here"], v["mine"]) for v in d["under_way"]] ==
        [("Gold", False, True)]' || return 1
    little=$(json 'd["id"]')
    rep ann --json visit end "$little" --outcome order >"$said" &&
        holds 'd["still_open"] == 1'
}

both_stand()
{
    rep tablet visit start Gold >"$tap_dir/second" 2>"$said" || return 1
    second=$(cat "$tap_dir/second")
    everybody && everybody || return 1
    rep tablet --json today >"$said" &&
        holds '[v["visit_id"] for v in d["under_way"]] ==
            ["'"$first"'", "'"$second"'"]' || return 1
    refuses 1 rep tablet visit start Gold -- "$second" || return 1
    # The manager is told who is there, and goes in all the same.
    rep mia --json brief Gold >"$said" &&
        holds 'any(f["kind"] == "open_visit" for f in d["facts"])'
}

one_counts()
{
    rep ann visit end "$first" --outcome promise --next today &&
        rep tablet visit end "$second" --outcome no_decision &&
        everybody && everybody || return 1
    rep ann --json day show >"$said" &&
        holds 'd["facts"]["visits"] == "3"' || return 1
    rep mia visit edit "$second" \
        "void+=at=$(day today)T03:00:00Z; reason=typed twice" &&
        everybody && everybody || return 1
    ctl east --json branch close --as mia >"$said" &&
        holds 'd["visits"] == 2' || return 1
    rep ann --json day show >"$said" &&
        holds 'd["facts"]["visits"] == "2"' || return 1
    rep ann timeline Gold >"$said" && says "typed twice"
}

# A store check says of which product, not the id of its visit.
readable()
{
    local visit
    visit=$(rep ann visit start Little 2>"$said") &&
        rep ann visit check "green tea" facings=4 &&
        rep ann visit end --outcome order &&
        rep ann --json timeline Little >"$said" || return 1
    holds '[e["text_en"] for e in d["events"] if e["entity"] == "store_check"]
        == ["green tea · Facings 4"]' && [ -n "$visit" ]
}

to_come()
{
    refuses 1 rep ann visit edit "$first" "next_date=$(day yesterday)" \
        -- "is over" || return 1
    refuses 1 rep ann --json task add late --due "$(day yesterday)" \
        -- '"SP_E_PAST"' &&
        refuses 1 rep ann --lang zh task add late --due "$(day yesterday)" \
            -- "已过" &&
        refuses 1 rep ann route save Gold --date "$(day yesterday)" \
            -- "is over"
}

# ---- working days ------------------------------------------------------------

windows() # ACTIVE
{
    local i days=""
    for i in 9 8 7 6 5 4 3 2 1 0; do
        days="$days${days:+, }\"$(day "-$i days")\""
    done
    echo "send_window = ( { name = \"calendar\"; active = $1;" \
        "holidays = [ $days ]; } );" >"$tap_dir/calendar.conf"
    ctl head-office care apply "$tap_dir/calendar.conf" --as admin &&
        ctl east uplink now && everybody && everybody
}

# over WHO: how many percent of the goal were due, and how many working days
# the report says are over.
over()
{
    rep "$1" --json targets >"$said" || return 1
    json '[t["due"] for t in d["targets"] if t["metric"] == "revenue"][0]'
    rep "$1" --json report sales --from "$(day "-9 days")" >"$said" || return 1
    json 'd["tables"]["goals"][0]["days"]'
}

same_days()
{
    rep mia record add target rep=ann metric=revenue \
        "from=$(day "-9 days")" "until=$(day "+10 days")" \
        "amount=1000 CNY" && everybody && everybody || return 1
    windows true && [ "$(over ann | tr '\n' ' ')" = "0 0 " ] &&
        [ "$(over fay | tr '\n' ' ')" = "0 0 " ] || return 1
    windows false || return 1
    local ann fay
    ann=$(over ann | tr '\n' ' ') && fay=$(over fay | tr '\n' ' ') || return 1
    echo "$ann / $fay"
    [ "$ann" = "$fay" ] && [ "$ann" != "0 0 " ]
}

# ---- tiers -------------------------------------------------------------------

tier() # WHO ACCOUNT: its tier; "none" where nothing is said
{
    rep "$1" --json account labels "$2" >"$said" || return 1
    json '([l["value"] for l in d["labels"] if l["name"] == "value_tier"] +
        ["none"])[0]'
}

tiers()
{
    [ "$(tier ann Gold)" = gold ] && [ "$(tier ann Little)" = standard ] &&
        [ "$(tier fay Gold)" = gold ] && [ "$(tier fay Little)" = none ] &&
        [ "$(tier sue Gold)" = none ] || return 1
    rep fay account labels Little >"$said" && says "10.00" || return 1
    rep sue account labels Gold >"$said" || return 1
    ! grep -qi "new\|spent\|at risk" "$said"
}

check "a branch, a rep with two devices, service and finance" world
check "a visit typed twice is refused, one elsewhere is told" typed_twice
check "two devices that begin one apart: both stand, and are shown" both_stand
check "what is void counts in no close, on the device and at the branch" \
    one_counts
check "a timeline is for people: no id stands in a line" readable
check "what is to come is not over: one code, in both languages" to_come
check "goals and reports count the same working days, for whom they may" \
    same_days
check "cap 54: a tier is not said to whom its purchases or visits are hidden" \
    tiers
tap_done
