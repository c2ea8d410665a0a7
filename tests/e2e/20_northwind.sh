#!/usr/bin/env bash
# Goal: the main job on real, messy input. Customers are imported at head
# office before the branches join; nine reps enrol, work with no connection on
# their own customers, sync to two branches, and those to head office. Then
# head office holds exactly the union, each device exactly its territories,
# no file of any tier shows a name, and where a rep and a manager changed the
# same field at the same time both values stand, with who and when. Their
# orders come in as purchases.
#
# Where the data beside the project is absent, the same on invented shops.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

here=$(dirname "${BASH_SOURCE[0]}")
visits_each=4

tap_begin
plan=$tap_dir/plan
data=$SATCHEL_ROOT/../shared/data/northwind
if [ -r "$data/customers.csv" ]; then
    python3 -B "$here/plan.py" northwind "$data" "$plan" || exit 1
else
    echo "# SKIP $data is absent: invented shops instead"
    ctl none sample accounts --seed 11 --count 91 >"$tap_dir/shops.csv" &&
        python3 -B "$here/plan.py" sample "$tap_dir/shops.csv" "$plan" ||
        exit 1
fi
mapfile -t import_args <"$plan/import.args"
accounts=$(wc -l <"$plan/accounts.tsv")
refused=$(wc -l <"$plan/refused.tsv")
some=$((refused > 0)) # the exit status where rows are left out

hold() { python3 -B "$here/hold.py" "$@"; }

each() # FILE COMMAND...: with the columns of each line
{
    local file=$1 a b c d e
    shift
    while IFS=$'\t' read -r -u 3 a b c d e; do
        "$@" "$a" "$b" "$c" "$d" "$e" || return 1
    done 3<"$plan/$file"
}

# ---- head office alone ------------------------------------------------------

add_territories() # BRANCH CODES
{
    local code
    for code in ${2//,/ }; do
        ctl head-office territory add "$code" || return 1
    done
}

import() # ARG...
{
    ctl head-office import accounts "$plan/customers.csv" --as admin \
        "${import_args[@]}" --errors "$tap_dir/errors.csv" "$@"
}

dry_run()
{
    fails "$some" import --dry-run && says "would_come_in: $accounts" "refused: $refused" &&
        ctl head-office show | grep -q '^account *0 '
}

real_run()
{
    fails "$some" import --phones "$tap_dir/phones.csv" &&
        says "imported: $accounts" "refused: $refused"
}

import_again()
{
    refuses 1 import -- "this file was taken in before" "--again" &&
        ctl head-office show | grep -q "^account *$accounts "
}

check "head office starts" world_head_office "Northwind"
check "territories are head office's as long as there is no branch" \
    each units.tsv add_territories
check "the dry run counts what will come in, and changes nothing" dry_run
check "the good rows come in" real_run
check "each refused row is listed with its line, the reason and what to do" \
    hold refused "$tap_dir/errors.csv" "$plan/refused.tsv"
check "the same file once more is refused, and brings nothing twice" \
    import_again

mapfile -t purchase_args <"$plan/purchases.args"
read -r bought bought_refused bought_total <"$plan/purchases.sum"

import_purchases() # ARG...
{
    ctl head-office import purchases "$plan/purchases.csv" --as admin \
        "${purchase_args[@]}" --errors "$tap_dir/purchases.errors" "$@"
}
purchases_come_in()
{
    fails "$((bought_refused > 0))" import_purchases --dry-run &&
        says "would_come_in: $bought" "refused: $bought_refused" &&
        fails "$((bought_refused > 0))" import_purchases &&
        says "created: $bought" "refused: $bought_refused" &&
        ctl head-office show | grep -q "^purchase *$bought "
}
purchases_again()
{
    fails "$((bought_refused > 0))" import_purchases && says "created: 0" "unchanged: $bought" &&
        ctl head-office show | grep -q "^purchase *$bought "
}
# What was bought adds up, to the cent.
purchases_add_up()
{
    ctl head-office export jsonl purchase --as admin --all --out - \
        2>/dev/null | python3 -c 'import decimal, json, sys
lines = [json.loads(line) for line in sys.stdin]
rows = [r["fields"] for r in lines if r["type"] == "purchase"]
assert all(r["amount"].endswith(" USD") for r in rows)
total = sum(decimal.Decimal(r["amount"].split()[0]) for r in rows)
print(len(rows), total)
assert total == decimal.Decimal(sys.argv[1]), total' "$bought_total"
}
phones_listed()
{
    [ ! -s "$tap_dir/phones.csv" ] ||
        python3 -c 'import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8-sig")))
assert all(r["import_code"] == "phone_as_typed" and r["phone"] for r in rows)
print(len(rows), "numbers as they were typed")' "$tap_dir/phones.csv"
}

check "telephone numbers that are not international are listed" phones_listed
check "orders come in as purchases; those of nobody here are refused" \
    purchases_come_in
check "the same orders again change nothing" purchases_again
check "they add up to the cent" purchases_add_up

# ---- branches, people, devices ----------------------------------------------

add_branch() # BRANCH CODES
{
    ctl head-office branch add "$1" --territories "$2" &&
        ctl head-office user add "manager-$1" --name "Manager $1" \
            --role manager --unit "$1"
}

add_rep() # LOGIN NAME BRANCH CODES
{
    ctl head-office user add "$1" --name "$2" --role rep --unit "$3" \
        --territories "$4"
}

enrol_rep() { world_device "$1" "$3" "$1" && rep "$1" sync; }
enrol_manager()
{
    world_device "manager-$1" "$1" "manager-$1" && rep "manager-$1" sync
}

# A customer's phone is not lost because it cannot be normalised.
phones_came_along()
{
    local number
    IFS=$'\t' read -r number _ <"$plan/accounts.tsv"
    rep "$(cut -f 3 "$plan/accounts.tsv" | head -n 1)" account show "$number" \
        --json | grep -q '"phone_main"'
}

# What the orders of ten years ago say of a customer on a rep's device: who
# ordered is one who bought, who did not is none.
labels_from_orders()
{
    python3 - "$plan" <<'END' >"$tap_dir/stages" || return 1
import collections
import csv
import sys
plan = sys.argv[1]
bought = collections.Counter()
for row in csv.DictReader(open(plan + "/purchases.csv", encoding="utf-8-sig")):
    bought[row["customerID"]] += 1
for line in open(plan + "/accounts.tsv", encoding="utf-8"):
    number, _, rep = line.rstrip("\n").split("\t")[:3]
    stage = {0: "suspect", 1: "first_time"}.get(bought[number], "bought")
    print(number, rep, stage)
END
    local number login stage seen=0
    while read -r -u 3 number login stage; do
        [ "$stage" != bought ] || [ $((seen % 9)) -eq 0 ] || {
            seen=$((seen + 1))
            continue
        }
        seen=$((seen + 1))
        fails 0 rep "$login" account labels "$number" --json || return 1
        is "{l['name']: l['value'] for l in d['labels']}['loyalty_stage'] \
            .replace('repeat', 'bought').replace('advocate', 'bought')" \
            "$stage" || return 1
    done 3<"$tap_dir/stages"
}

check "two branches and their people are made" \
    eval 'each units.tsv add_branch && each reps.tsv add_rep'
check "both branches join and take along what they serve" \
    eval "world_branch east && world_branch west"
check "nine reps enrol and sync" each reps.tsv enrol_rep
check "the managers too" each units.tsv enrol_manager
check "phones came along as they were typed" phones_came_along
check "what a customer ordered makes its labels" labels_from_orders

# ---- a day without a connection ---------------------------------------------

visit_own() # LOGIN
{
    local login=$1 account
    while read -r -u 4 account; do
        rep "$login" visit start "$account" >>"$tap_dir/made" &&
            rep "$login" note add "$account" "Zwölf Kisten Tee 茶, $account" \
                >>"$tap_dir/made" &&
            rep "$login" visit end --outcome order || return 1
    done 4< <(rep "$login" account list --ids --limit "$visits_each")
}

tenth=0
# Every tenth account: the rep changes its phone; at the same time the manager
# changes the same field (every other time), or another one.
edit_tenth() # NUMBER NAME LOGIN BRANCH TERRITORY
{
    local id i=$tenth
    tenth=$((tenth + 1))
    [ $((i % 10)) -eq 0 ] || return 0
    rep "$3" account edit "$1" "phone_main=+49301234$((100 + i))" || return 1
    if [ $((i % 20)) -eq 0 ]; then
        rep "manager-$4" account edit "$1" "phone_main=+49307654$((100 + i))" &&
            id=$(rep "$3" account list "$1" --ids) || return 1
        echo "$id" >>"$tap_dir/both"
        printf '%s\t%s\t%s\t%s\t%s\n' "$2" "+49301234$((100 + i))" \
            "$(awk -F '\t' -v l="$3" '$1 == l { print $2 }' \
                "$plan/reps.tsv")" \
            "+49307654$((100 + i))" "Manager $4" >>"$tap_dir/both.$4"
    else
        rep "manager-$4" account edit "$1" visit_cycle_days=21 || return 1
        echo "$1 $3 $i" >>"$tap_dir/apart"
    fi
}

offline() { fails 3 rep "$1" sync; }

check "both branches go away" eval 'server_stop east && server_stop west'
check "a sync says that there is no connection" \
    offline "$(head -n 1 "$plan/reps.tsv" | cut -f 1)"
check "nine reps visit their own customers" each reps.tsv visit_own
check "one account in ten is changed by rep and manager at the same time" \
    each accounts.tsv edit_tenth

# ---- everything meets -------------------------------------------------------

sync_rep() { rep "$1" sync; }
sync_manager() { rep "manager-$1" sync; }
everybody() { each reps.tsv sync_rep && each units.tsv sync_manager; }
exchange() { ctl east uplink now && ctl west uplink now; }

check "both branches are back" eval 'server_start east && server_start west'
check "everybody syncs" everybody
check "both branches exchange with head office" exchange
check "everybody syncs again" everybody
check "the branches have nothing left to say" \
    eval 'exchange && exchange | grep -c "^nothing_to_do: yes" | grep -qx 2'

conflicts_of() # BRANCH
{
    rep "manager-$1" conflicts --json >"$tap_dir/conflicts" &&
        hold conflicts "$tap_dir/conflicts" "$tap_dir/both.$1"
}

fields_apart()
{
    local number login i
    while read -r -u 3 number login i; do
        rep "$login" account show "$number" >"$said" &&
            says "+49 301234$((100 + i))" " 21" || return 1
        ! grep -q 'values stand' "$said" || return 1
    done 3<"$tap_dir/apart"
}

check "in the east both values of a field stand, with who and when" \
    conflicts_of east
check "in the west too" conflicts_of west
check "edits of different fields of one account are no conflict" fields_apart

lock_and_stop()
{
    local device
    for device in "$world_dir"/*.device; do
        device=${device##*/}
        rep "${device%.device}" lock || return 1
    done
    server_stop east && server_stop west && server_stop head-office
}

look_at_all()
{
    mkdir -p "$tap_dir/in" &&
        look_into server head-office "$tap_dir/in/head-office" &&
        look_into server east "$tap_dir/in/east" &&
        look_into server west "$tap_dir/in/west"
}

check "all stop" lock_and_stop
check "the servers' stores open with their keys" look_at_all
made=$(wc -l <"$tap_dir/made")
check "head office holds every customer, contact, visit and note" \
    hold counts "$tap_dir/in/head-office" "$accounts" "$accounts" \
    $((made / 2)) $((made / 2))
check "nothing that was written is missing there" \
    hold made "$tap_dir/in/head-office" "$tap_dir/made"
check "head office holds exactly the union of the branches" \
    hold union "$tap_dir/in/head-office" "$tap_dir/in/east" "$tap_dir/in/west"
check "both values of each conflict stand at head office" \
    hold siblings "$tap_dir/in/head-office" "$tap_dir/both"

# Derived for roles that may not see what they come from: no rep's.
derived=1.67,2.42,2.43,2.50,2.51,2.52,2.53,2.54,2.55

device_holds() # LOGIN NAME BRANCH CODES
{
    check "the device of $1 holds its territories and nothing else" \
        eval "look_into device $1 $tap_dir/in/$1 &&
            hold exactly $tap_dir/in/head-office $tap_dir/in/$1 $4 $derived"
    return 0
}
branch_holds() # BRANCH CODES
{
    check "branch $1 holds its territories and nothing else" \
        hold exactly "$tap_dir/in/head-office" "$tap_dir/in/$1" "$2"
    return 0
}
each units.tsv branch_holds
each reps.tsv device_holds

printf 'Zwölf Kisten Tee\nKisten Tee 茶\n' >>"$plan/secret.txt"
check "no name and no note stands in any file of any tier" \
    hold clear "$plan/secret.txt" "$world_dir"
check "(and the search would find them)" \
    eval '! hold clear "$plan/secret.txt" "$plan"'
tap_done
