#!/usr/bin/env bash
# Goal: the tree of goals, company > region > branch > rep (cap 109). A rep
# without a network sees her own progress and, of the branch and the company,
# the goal and her own part, as of the last sync; the manager sees the branch
# and each rep's share, who has two branches sees both, and head office the
# whole tree, summed from below, with how many branches have come in. Amounts
# of different currencies are never added; a void visit is none; an event counts
# by its kind. Three branches: east and west in the region North, port in South.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

world()
{
    world_head_office "Targets" &&
        ctl head-office branch add east --territories e-1,e-2 \
            --region North &&
        ctl head-office branch add west --territories w-1 --region North &&
        ctl head-office branch add port --territories p-1 --region South &&
        people && accounts && world_branch east && world_branch west &&
        ctl east uplink now && ctl west uplink now
}

people()
{
    person hugo "" --role analyst --name Hugo &&
        person rhea "" --role manager --name Rhea &&
        ctl head-office user set rhea \
            --extra region:North,unit:east,unit:west &&
        person mia east --role manager --name Mia &&
        person ann east --role rep --name Ann --territories e-1 &&
        person bob east --role rep --name Bob --territories e-2 &&
        person cai west --role rep --name Cai --territories w-1 &&
        person max west --role manager --name Max
}

person() # LOGIN UNIT WORDS...
{
    local login=$1 unit=$2
    shift 2
    if [ -z "$unit" ]; then
        ctl head-office user add "$login" "$@"
    else
        ctl head-office user add "$login" --unit "$unit" "$@"
    fi
}

accounts()
{
    printf '%s\n' "name,territory_id,owner_id" "Tea House,e-1,ann" \
        "Book Shop,e-2,bob" "Corner Bar,e-2," "West End,w-1,cai" \
        >"$tap_dir/shops.csv" &&
        ctl head-office import account "$tap_dir/shops.csv" --as admin
}

devices()
{
    local who
    for who in ann bob mia; do
        world_device "$who" east "$who" && rep "$who" sync || return 1
    done
    for who in cai max; do
        world_device "$who" west "$who" && rep "$who" sync || return 1
    done
    for who in hugo rhea; do
        world_device "$who" head-office "$who" && rep "$who" sync || return 1
    done
}

first=$(date +%Y-%m-01)
last=$(date -d "$(date +%Y-%m-01) +2 months -1 day" +%F)

goal() # WHO METRIC WORDS...
{
    local who=$1 metric=$2
    shift 2
    rep "$who" record add target "metric=$metric" "from=$first" \
        "until=$last" "$@"
}

# Each where it may: head office for all, a manager for his branch.
goals()
{
    goal mia visits unit=east value=200 && goal mia visits rep=ann value=100 &&
        goal mia visits rep=bob value=80 &&
        goal max visits rep=cai value=60 &&
        goal hugo visits region=South value=30 &&
        goal hugo coverage value=90 &&
        refuses 1 goal ann visits value=5 -- "target"
}

visit() # WHO ACCOUNT
{
    rep "$1" visit start "$2" &&
        rep "$1" visit end --outcome promise --next today
}

works()
{
    local i
    for i in 1 2 3; do
        visit ann "Tea House" || return 1
    done
    visit bob "Book Shop" && visit bob "Book Shop" && visit cai "West End" ||
        return 1
    rep mia sync && rep max sync && rep hugo sync || return 1
    for i in ann bob cai mia max; do
        rep "$i" sync || return 1
    done
    ctl east uplink now && ctl west uplink now && ctl east uplink now &&
        world_branch port && server_stop port &&
        rep rhea sync && rep hugo sync && rep mia sync && rep ann sync
}

# lines METRIC: "depth level whose actual/target what", one a line.
lines()
{
    json '"\n".join("%d %s %s %d/%d%s%s%s" % (t["depth"], t["level"],
        t["whose"], t["actual"], t["target"], " part" * t["part"],
        " share" * t["share"], " sum" * t["summed"])
        for t in d["targets"] if t["metric"] == "'"$1"'")'
}

shows() # METRIC LINES...
{
    local metric=$1
    shift
    diff <(lines "$metric") <(printf '%s\n' "$@")
}

# Without a network. The branch's goal is shown with what she did of it.
own_progress()
{
    server_stop east && rep ann --json targets >"$said" || return 1
    shows visits "0 branch east 3/200 part" "1 rep Ann 3/100" \
        "0 region South 0/30 part" || return 1
    is '[t["percent"] for t in d["targets"] if t["whose"] == "Ann"]' "[3]" &&
        holds 'd["as_of_ms"] > 0' || return 1
    rep ann targets >"$said" 2>&1 || return 1
    says "part: this device does not hold" "as of 20" || return 1
    server_start east
}

# On a terminal: what all lines have in common above them, a bar in each.
visual()
{
    rep ann --json targets >"$said" || return 1
    python3 -B "$SATCHEL_ROOT/tests/e2e/screen.py" "$world_satchel" \
        --dir "$world_dir/mia" targets --lang en >"$tap_dir/screen" ||
        return 1
    cp "$tap_dir/screen" "$said"
    says "Visits  $first – $last" "  Ann" "OF ALL %" "as of 20" || return 1
    grep -qE '[#.|+]{10}' "$said" &&
        python3 -c 'import sys
sys.exit(max(len(l.rstrip("\n")) for l in open(sys.argv[1])) > 80)' "$said"
}

managers_branch()
{
    rep mia --json targets >"$said" || return 1
    shows visits "0 branch east 5/200" "1 rep Ann 3/100" "1 rep Bob 2/80" \
        "0 region South 0/30 part"
}

# She has the region, of which all branches are here.
region_manager()
{
    rep rhea --json targets >"$said" || return 1
    shows visits "0 region North 6/260 sum" "1 branch east 5/200" \
        "2 rep Ann 3/100" "2 rep Bob 2/80" "1 branch west 1/260 share" \
        "2 rep Cai 1/60" "0 region South 0/30 part" || return 1
    rep rhea --json targets --whole >"$said" && holds 'd["targets"]'
}

# rows: "whose target reached note" of the visits.
rows()
{
    json '"\n".join(" | ".join([r[0], str(r[5]), r[6], r[10]]) for r in
        d["rows"] if r[2].startswith("Visits"))'
}

whole_tree()
{
    fails 0 ctl head-office targets --as admin --json || return 1
    diff <(rows) - <<'END' || return 1
company | 290 | 6 | sum
  North | 260 | 6 | sum
    east | 200 | 5 | 
      ann | 100 | 3 | 
      bob | 80 | 2 | 
    west |  | 1 | share
      cai | 60 | 1 | 
  South | 30 | 0 | 
    port |  | 0 | share
END
    holds 'd["freshness"].startswith("3 of 3 branches, as of 20")' &&
        holds '[r[11] for r in d["rows"] if r[0].strip() == "North"][0] ==
            "2 of 2 branches"' &&
        holds '[r[11] for r in d["rows"] if r[0].strip() == "east"
            ][0].startswith("20")' || return 1
    fails 0 ctl head-office targets --as admin --lang zh &&
        says "全公司" "合计" "家分公司"
}

# At his branch a manager has his branch; of the region above it a part.
branch_tree()
{
    fails 0 ctl east targets --as mia --json || return 1
    diff <(rows) - <<'END' || return 1
east | 200 | 5 | 
  ann | 100 | 3 | 
  bob | 80 | 2 | 
South | 30 | 0 | part
END
    fails 0 ctl head-office targets --as mia --json || return 1
    holds '{r[0].strip() for r in d["rows"]} == {"east", "ann", "bob"}' &&
        refuses 1 ctl east targets --as ann -- "devices or jobs" &&
        refuses 1 ctl head-office targets --as nemo -- "nemo"
}

# One of Ann's visits was none: neither a goal nor the week's time has it.
void_visit()
{
    local id
    rep mia --json inbox --kind checkin >"$said" || return 1
    id=$(json '[i["key"] for i in d["items"]
        if i["title"] == "Tea House"][0]') || return 1
    rep ann --json time >"$said" && is 'd["weeks"][0]["visits"]' 3 || return 1
    rep mia inbox decide "$id" --as void --reason "nobody was there" &&
        rep mia sync && rep ann sync || return 1
    rep ann --json targets >"$said" &&
        is '[t["actual"] for t in d["targets"] if t["whose"] == "Ann"]' \
            "[2]" || return 1
    rep ann --json time >"$said" && is 'd["weeks"][0]["visits"]' 2
}

bought() # WHO ACCOUNT AMOUNT
{
    rep "$1" record add purchase --of "$2" date=today "amount=$3"
}

# Of the corner bar, which nobody has, the branch has the money.
currencies()
{
    goal mia revenue unit=east "amount=1000.00 CNY" &&
        goal mia revenue unit=east "amount=50.00 USD" || return 1
    bought ann "Tea House" "120.00 CNY" && bought ann "Tea House" "7.00 USD" &&
        bought bob "Book Shop" "80.00 CNY" && bought bob "Corner Bar" \
        "5.00 CNY" && rep ann sync && rep bob sync && rep mia sync || return 1
    rep mia --json targets >"$said" || return 1
    shows revenue "0 branch east 20500/100000" \
        "1 rep Ann 12000/100000 share" "1 rep Bob 8000/100000 share" \
        "1 rep  500/100000 share" "0 branch east 700/5000" \
        "1 rep Ann 700/5000 share" "1 rep Bob 0/5000 share" &&
        is '[t["currency"] for t in d["targets"]
            if t["metric"] == "revenue" and t["depth"] == 0]' \
            "['CNY', 'USD']" || return 1
    rep mia targets >"$said" && says "CNY 1,000.00" "CNY 205.00" "USD 7.00" \
        "(nobody)"
}

events()
{
    goal mia events unit=east value=4 event_kind=vip &&
        goal mia events unit=east value=6 || return 1
    rep mia record add event unit=east name=gala date=today held=today \
        kind=vip && rep mia record add event unit=east name=course \
        date=today held=today kind=training || return 1
    rep mia --json targets >"$said" || return 1
    shows events "0 branch east 2/6" "0 branch east 1/4" &&
        rep mia targets >"$said" && says "VIP gathering"
}

# Cai works too, but it is the east's; the company's has all three.
contest_of_a_branch()
{
    local month who
    month="from=$first until=$last"
    # shellcheck disable=SC2086
    rep mia record add contest name=eastern metric=contacts unit=east $month &&
        rep hugo record add contest name=everybody metric=contacts $month ||
        return 1
    for who in "ann Tea House" "cai West End" "cai West End"; do
        rep "${who%% *}" record add activity --of "${who#* }" at=now \
            channel=phone direction=outgoing || return 1
    done
    for who in mia hugo ann cai max; do
        rep "$who" sync || return 1
    done
    ctl west uplink now && ctl east uplink now && rep rhea sync &&
        rep mia sync || return 1
    rep rhea --json contest show eastern >"$said" || return 1
    is '[(r["place"], r["name"], r["value"]) for r in d["rows"]]' \
        "[(1, 'Ann', 1), (2, 'Bob', 0)]" || return 1
    rep rhea --json contest show everybody >"$said" || return 1
    is '[(r["place"], r["name"], r["value"]) for r in d["rows"]]' \
        "[(1, 'Cai', 2), (2, 'Ann', 1), (3, 'Bob', 0)]" || return 1
    rep mia --json contest show everybody >"$said" || return 1
    is '[(r["place"], r["name"], r["known"]) for r in d["rows"]]' \
        "[(0, 'Ann', True), (0, 'Bob', True), (0, 'Cai', False)]"
}

check "three branches in two regions" world
check "they enrol and sync" devices
check "goals of a region, a branch and reps, each by who may" goals
check "a day's visits" works
check "cap 109: a rep offline sees her own progress, and what is only a part" \
    own_progress
check "cap 109: a manager sees the branch and each rep" managers_branch
check "cap 109: it is shown as a tree with bars, within 80 columns" visual
check "cap 109: who has a region sees its branches" region_manager
check "cap 109: head office has the whole tree, summed and with freshness" \
    whole_tree
check "a branch's server shows its own, and of what is above it a part" \
    branch_tree
check "a void visit counts neither for a goal nor as time" void_visit
check "amounts of different currencies are not added together" currencies
check "events count by the kind that a goal names" events
check "a contest of a branch is its people's alone" contest_of_a_branch
tap_done
