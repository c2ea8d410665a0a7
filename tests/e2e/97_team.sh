#!/usr/bin/env bash
# Goal: the team works together without a network: tasks go from one to the
# other and two who give one away apart end with one owner, while the other is
# told (cap 110); a stage of the funnel is left with its checklist (cap 111); a
# contest ranks by what the records say (cap 41); the 24 hours of a filing duty
# are those of the clock, and a roster is held against the records (cap 116).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

day() { date -d "$1" +%F; }

world()
{
    ctl_head_office_users && world_branch east && ctl east uplink now ||
        return 1
    local who
    for who in ann bob cid mia max; do
        world_device "$who" east "$who" && rep "$who" sync || return 1
    done
}

ctl_head_office_users()
{
    world_head_office "Team" &&
        ctl head-office branch add east --territories north,south &&
        ctl head-office user add ann --name Ann --role rep --unit east \
            --territories north &&
        ctl head-office user add bob --name Bob --role rep --unit east \
            --territories south &&
        ctl head-office user add cid --name Cid --role rep --unit east \
            --territories south &&
        ctl head-office user add mia --name Mia --role manager --unit east &&
        ctl head-office user add max --name Max --role manager --unit east
}

everybody_syncs()
{
    local who
    for who in "$@"; do
        rep "$who" sync || return 1
    done
}

# ---- tasks ----------------------------------------------------------------

tasks()
{
    rep ann account add 老王茶行 && rep ann sync || return 1
    rep ann task add "later" --due "$(day "+5 days")" &&
        refuses 1 rep ann task add "over" --due "$(day yesterday)" \
            -- "task.due: $(day yesterday) is over" &&
        late_task ann "$(day yesterday)" promised promise 老王茶行 &&
        late_task ann "$(day "-9 days")" "long ago" call || return 1
    rep ann --json task >"$said" || return 1
    is '[t["title"] for t in d["tasks"]]' "['promised', 'long ago', 'later']" &&
        is '[t["late_days"] for t in d["tasks"]]' "[1, 9, -5]" &&
        is '{t["owner"] for t in d["tasks"]}' "{'Ann'}" || return 1
    rep ann --json task list 老王茶行 >"$said" && is 'd["total"]' 1 || return 1
    refuses 1 rep ann task add "no date" -- "task.due"
}

task_id()
{
    rep "$1" --json task --all --closed >"$tap_dir/tasks" || return 1
    python3 -c 'import json, sys
print([t["id"] for t in json.load(open(sys.argv[1]))["tasks"]
    if t["title"] == sys.argv[2]][0])' "$tap_dir/tasks" "$2"
}

# An overdue promise stands above what is late for longer.
promise_tops_today()
{
    rep ann --json today >"$said" || return 1
    is '[t["title"] for t in d["tasks"]]' "['promised', 'long ago']"
}

done_and_cancelled()
{
    local one two
    one=$(task_id ann "long ago") && two=$(task_id ann later) || return 1
    rep ann task done "$one" && refuses 1 rep ann task done "$one" -- "closed" ||
        return 1
    refuses 1 rep ann task cancel "$two" -- "reason" || return 1
    rep ann task cancel "$two" --reason "shop closed" &&
        rep ann task comment "$two" "a=b; c" || return 1
    rep ann --json task --closed >"$said" || return 1
    is '[(t["title"], t["status"], t["reason"]) for t in d["tasks"]][1:]' \
        "[('long ago', 'done', ''), ('later', 'dropped', 'shop closed')]"
}

# Her word is a proposal; the manager's, typed at the same time without knowing
# of it, stands.
reassigned_apart()
{
    local id
    rep ann task add "samples" --of 老王茶行 --due "$(day today)" &&
        everybody_syncs ann mia || return 1
    id=$(task_id ann samples) || return 1
    rep mia task assign "$id" cid && rep ann task assign "$id" bob || return 1
    everybody_syncs mia ann || return 1
    everybody_syncs mia ann bob cid
}

one_owner()
{
    local who
    for who in ann bob cid mia; do
        rep "$who" --json task --all >"$said" || return 1
        is '[t["owner"] for t in d["tasks"] if t["title"] == "samples"]' \
            "['Cid']" || return 1
    done
    rep cid --json today >"$said" || return 1
    is '[t["title"] for t in d["tasks"]]' "['samples']" &&
        is 'd["told"]' "[]" || return 1
    rep ann --json conflicts >"$said" && is 'd["count"]' 0
}

others_are_told()
{
    rep ann --json today >"$said" || return 1
    is '[(t["what"], t["wanted"], t["owner"], t["by"]) for t in d["told"]]' \
        "[('not_stood', 'Bob', 'Cid', 'Mia')]" || return 1
    rep bob --json task >"$said" || return 1
    is '[(t["what"], t["owner"], t["by"]) for t in d["told"]]' \
        "[('given', 'Cid', 'Mia')]" || return 1
    rep ann today >"$said" && says "giving it to Bob did not stand" "Cid" "Mia" &&
        rep ann --lang zh today >"$said" && says "您转给 Bob 未生效"
}

# What a manager gave, a rep does not give on.
a_managers_word()
{
    refuses 1 rep cid task assign "$(task_id cid samples)" bob -- \
        "only a manager"
}

# Of two managers the later word counts; it is listed as a conflict, and who
# said the other thing is told. The task is about nobody: who had it would not
# see it any more, were he not told.
two_managers()
{
    local id
    rep mia task add "stock taking" --due "$(day today)" --owner ann &&
        everybody_syncs mia max ann || return 1
    id=$(task_id max "stock taking") || return 1
    rep mia task assign "$id" bob && sleep 0.01 &&
        rep max task assign "$id" cid || return 1
    everybody_syncs mia max mia ann bob cid || return 1
    rep mia --json task --all >"$said" || return 1
    is '[(t["what"], t["wanted"], t["owner"], t["by"]) for t in d["told"]]' \
        "[('not_stood', 'Bob', 'Cid', 'Max')]" || return 1
    rep ann --json task >"$said" || return 1
    holds '("given", "stock taking", "Cid", "Max") in [(t["what"], t["title"],
        t["owner"], t["by"]) for t in d["told"]]' || return 1
    rep cid --json task >"$said" &&
        holds '"stock taking" in [t["title"] for t in d["tasks"]]' || return 1
    rep mia --json conflicts >"$said" && is 'd["count"]' 1 || return 1
    rep mia conflicts settle --entity task "$id" owner --value cid &&
        everybody_syncs mia max || return 1
    rep mia --json conflicts >"$said" && is 'd["count"]' 0
}

# Done here and still open there: done.
done_beats_open()
{
    local id
    id=$(task_id cid samples) || return 1
    rep cid task done "$id" &&
        rep mia record edit task "$id" "due=$(day tomorrow)" || return 1
    everybody_syncs mia cid mia ann || return 1
    rep mia --json task --all --closed >"$said" || return 1
    is '[(t["status"], t["due"]) for t in d["tasks"]
        if t["title"] == "samples"]' "[('done', '$(day tomorrow)')]" || return 1
    # What is over is told to nobody.
    rep ann --json task >"$said" &&
        holds '"samples" not in [t["title"] for t in d["told"]]'
}

# ---- playbooks ------------------------------------------------------------

playbooks()
{
    cat >"$tap_dir/playbook.conf" <<'END'
playbook = (
  { name = "qualify"; funnel = "potential"; text = "看清需求 Know the need";
    steps = ( { order = 1; what = "ask who decides"; exit = true; },
              { order = 2; what = "leave a sample"; exit = true; },
              { order = 3; what = "photo of the shelf"; exit = false; } ); },
  { name = "old"; funnel = "potential"; active = false;
    steps = ( { order = 1; what = "send a fax"; exit = true; } ); }
);
END
    ctl head-office care apply "$tap_dir/playbook.conf" --as admin &&
        ctl east uplink now && everybody_syncs ann mia || return 1
    rep ann account stage 老王茶行 potential || return 1
    rep ann --json account playbook 老王茶行 >"$said" || return 1
    is 'd["stage"], d["left"]' "('potential', 2)" &&
        is '[(s["order"], s["needed"], s["done"]) for s in d["steps"]]' \
            "[(1, True, False), (2, True, False), (3, False, False)]"
}

stage_exit()
{
    refuses 1 rep ann account stage 老王茶行 target -- "1 ask who decides" \
        "2 leave a sample" || return 1
    rep ann account step 老王茶行 1 &&
        refuses 1 rep ann account step 老王茶行 1 -- "done already" &&
        refuses 1 rep ann account step 老王茶行 9 -- "not one step" || return 1
    refuses 1 rep ann account stage 老王茶行 target -- "2 leave a sample" ||
        return 1
    rep ann --json account stage 老王茶行 target --without "has one" || return 1
    rep ann sync && rep mia sync || return 1
    rep mia --json account playbook 老王茶行 >"$said" || return 1
    is 'd["stage"], d["left"], d["steps"]' "('target', 0, [])" || return 1
    rep mia --json record list stage_log >"$said" || return 1
    holds 'sorted((f["step"]["text"], f["done"]["text"],
        f.get("reason", {"text": ""})["text"]) for f in
        (r["fields"] for r in d["records"]) if "step" in f) ==
        [("ask who decides", "true", ""), ("leave a sample", "false", "has one")]'
}

# He comes back to the stage: the list starts anew. Going back needs its reason
# alone.
stage_again()
{
    rep ann account stage 老王茶行 potential --reason "wrong shop" || return 1
    rep ann --json account playbook 老王茶行 >"$said" || return 1
    is 'd["left"]' 2 &&
        rep ann account stage 老王茶行 target --done 1,2
}

# ---- contest --------------------------------------------------------------

call()
{
    rep "$1" record add activity --of "$2" "at=$3" channel=phone \
        direction=outgoing
}

contest()
{
    local i
    rep bob account add "South Shop" && rep bob sync && rep cid sync || return 1
    for i in 1 2 3; do
        call ann 老王茶行 now || return 1
    done
    call bob "South Shop" now && call bob "South Shop" now &&
        call cid "South Shop" now && call cid "South Shop" now &&
        call cid "South Shop" "2020-01-01T10:00:00Z" || return 1
    rep mia record add contest name=老顾客维护月 metric=contacts unit=east \
        "from=$(date +%Y-%m-01)" "until=$(day "+1 day")" prize=tea || return 1
    everybody_syncs mia ann bob cid mia ann || return 1
    rep mia --json contest show 老顾客 >"$said" || return 1
    is '[(r["place"], r["tied"], r["name"], r["value"]) for r in d["rows"]]' \
        "[(1, False, 'Ann', 3), (2, True, 'Bob', 2), (2, True, 'Cid', 2)]" ||
        return 1
    # Counted from rows of activity: one more row, one more point.
    call ann 老王茶行 now && rep ann sync && rep mia sync || return 1
    rep mia --json contest show 老顾客 >"$said" &&
        is 'd["rows"][0]["value"], d["rows"][0]["counted"]' "(4, 4)" || return 1
    rep ann contest >"$said" && says "老顾客维护月" "tea"
}

# standing METRIC: who stands where in a contest of these days.
standing()
{
    rep mia record add contest "name=of $1" "metric=$1" unit=east \
        "from=$(date +%Y-%m-01)" "until=$(day "+1 day")" &&
        rep mia --json contest show "of $1" >"$said"
}

rows='[(r["place"], r["name"], r["value"], r["counted"]) for r in d["rows"]]'

contact_of() # NAME: its id
{
    rep mia --json record list contact >"$tap_dir/contacts" &&
        json '[r["id"] for r in d["records"] if r["title"] == "'"$1"'"][0]' \
            "$tap_dir/contacts"
}

# Files of people: Ann began two, of 3 and 8 percent, Bob one of 5; Cid none.
files()
{
    rep ann contact add 老王茶行 Wang &&
        rep ann contact add 老王茶行 Li phones+=13811112222 \
            emails+=li@example.com &&
        rep bob contact add "South Shop" Sun phones+=13811113333 &&
        everybody_syncs ann bob mia || return 1
    standing quantity &&
        is "$rows" "[(1, 'Ann', 2, 2), (2, 'Bob', 1, 1), (3, 'Cid', 0, 0)]"
}

how_complete()
{
    standing completeness &&
        is "$rows" "[(1, 'Ann', 6, 2), (2, 'Bob', 5, 1), (3, 'Cid', 0, 0)]" &&
        # A manager may not read all that makes a file complete.
        is 'd["part"]' True && rep mia contest show "of completeness" \
        2>"$said" && says "may not read"
}

how_valid()
{
    rep mia profile check "$(contact_of Wang)" correct &&
        rep mia profile check "$(contact_of Li)" wrong phones &&
        rep mia profile check "$(contact_of Sun)" correct || return 1
    standing validity &&
        is "$rows" "[(1, 'Bob', 100, 1), (2, 'Ann', 50, 2), (3, 'Cid', 0, 0)]" &&
        is 'd["percent"], d["part"]' "(True, False)"
}

# Who called us is a contact, and no callback.
callbacks()
{
    rep ann record add activity --of 老王茶行 at=now channel=phone \
        direction=incoming && everybody_syncs ann mia || return 1
    standing callbacks &&
        is "$rows" "[(1, 'Ann', 4, 4), (2, 'Bob', 2, 2), (2, 'Cid', 2, 2)]" ||
        return 1
    standing contacts &&
        is "$rows" "[(1, 'Ann', 5, 5), (2, 'Bob', 2, 2), (2, 'Cid', 2, 2)]"
}

# A rep's device knows what she did, and of the others a part: no order.
own_part()
{
    rep mia sync && rep ann sync &&
        rep ann --json contest show "of contacts" >"$said" || return 1
    is '[(r["place"], r["name"], r["value"], r["known"])
        for r in d["rows"]][0]' "(0, 'Ann', 5, True)" &&
        is '[r["known"] for r in d["rows"]][1:]' "[False, False]" &&
        is 'd["part"]' True
}

# ---- deadlines ------------------------------------------------------------

# Sunday nights count like any other hour. One call was written down 25 hours
# after it was made, one after 23.
deadlines()
{
    rep mia record add deadline_rule unit=east name=filing about=activity start=at \
        hours=24 clock=hours &&
        rep mia record add deadline_rule unit=east name=checkout about=visit \
            start=checkin done=checkout hours=24 clock=hours warn_hours=24 \
            && everybody_syncs mia ann || return 1
    rep ann record add activity --of 老王茶行 channel=phone summary=late \
        "at=$(date -u -d "-25 hours" +%FT%TZ)" &&
        rep ann record add activity --of 老王茶行 channel=phone summary=early \
            "at=$(date -u -d "-23 hours" +%FT%TZ)" || return 1
    rep ann --json deadlines >"$said" || return 1
    is '[(x["rule"], x["state"], x["account"], x["who"])
        for x in d["deadlines"]]' "[('filing', 'late', '老王茶行', 'Ann')]" ||
        return 1
    rep ann visit start 老王茶行 || return 1
    rep ann --json today >"$said" || return 1
    is '[(x["rule"], x["state"]) for x in d["deadlines"]]' \
        "[('checkout', 'near')]" || return 1
    rep ann record add visit --of 老王茶行 rep=me type=sales \
        "checkin=$(date -u -d "-30 hours" +%FT%TZ)" || return 1
    rep ann --json deadlines >"$said" || return 1
    is '[(x["rule"], x["state"]) for x in d["deadlines"]]' \
        "[('checkout', 'broken'), ('checkout', 'near'), ('filing', 'late')]" ||
        return 1
    rep bob --json deadlines >"$said" && is 'd["deadlines"]' "[]"
}

# What was late is told as long as its rule says, by who asks nothing else.
late_days()
{
    local rule
    rep ann record add activity --of 老王茶行 channel=phone summary=older \
        "at=$(date -u -d "-10 days" +%FT%TZ)" && rep ann sync && rep mia sync ||
        return 1
    late() { rep ann --json deadlines "$@" >"$said" &&
        json '[x["state"] for x in d["deadlines"]].count("late")'; }
    [ "$(late)" = 1 ] && [ "$(late --since "$(day "-20 days")")" = 2 ] ||
        return 1
    rule=$(rep mia --json record list deadline_rule >"$said" &&
        json '[r["id"] for r in d["records"] if r["title"] == "filing"][0]') &&
        rep mia record edit deadline_rule "$rule" late_days=30 &&
        rep mia sync && rep ann sync && [ "$(late)" = 2 ] &&
        rep mia record edit deadline_rule "$rule" late_days=0 &&
        rep mia sync && rep ann sync && [ "$(late)" = 0 ]
}

# The manager's evening, at the branch's server.
evening()
{
    fails 0 ctl east branch deadlines --as mia --json || return 1
    is '[(r[0], r[1], r[4], r[5]) for r in d["rows"]]' \
        "[('checkout', 'broken', 'ann', 'visit'), ('checkout', 'near', 'ann',\
 'visit')]" && is 'd["total"], d["open"]' "(2, 2)" || return 1
    fails 0 ctl east branch deadlines --as mia --json \
        --date "$(day "-20 days")" &&
        is '[r[1] for r in d["rows"]].count("late")' 2 || return 1
    refuses 1 ctl east branch deadlines --as ann -- "manages devices" &&
        refuses 1 ctl head-office branch deadlines --as mia -- "server of"
}

evening_lists()
{
    rep mia sync && fails 0 ctl east branch reconciliations --as mia --json ||
        return 1
    is '[r[1:8] for r in d["rows"]]' \
        "[['mia', 'roster of today', 1, 1, 1, 1, '']]" &&
        is 'd["open"]' 1 || return 1
    rep mia record edit reconciliation "$(json 'd["rows"][0][8]')" \
        "settled=at=$(date -u +%FT%TZ); how=all called" && rep mia sync &&
        fails 0 ctl east branch reconciliations --as mia --json &&
        is 'd["rows"][0][7], d["open"]' "('all called', 0)"
}

bad_rule()
{
    rep mia record add deadline_rule unit=east name=odd about=visit start=nothing \
        hours=1 clock=hours && rep mia --json deadlines --all >"$said" ||
        return 1
    is '[p["rule"] for p in d["problems"]]' "['odd']" &&
        rep mia deadlines 2>"$said" && says "odd" "nothing"
}

# ---- a roster ---------------------------------------------------------------

roster()
{
    rep mia account add "Only Here" territory_id=north owner_id=ann \
        number=N-3 phone_main=13812345678 &&
        rep mia account add "In Both" territory_id=north owner_id=ann \
            number=N-1 phone_main=13800138000 &&
        rep mia account add "Alike" territory_id=north owner_id=ann \
            number=N-4 || return 1
    printf '\357\273\277number,name,phone_main,owner_id,remark\r\n' \
        >"$tap_dir/roster.csv"
    printf 'N-1,In Both,+86 139 0013 9000,ann,x\r\n"N-2","Only, There",,,\r\n' \
        >>"$tap_dir/roster.csv"
    printf 'N-4,Alike,,Ann,y\r\n' >>"$tap_dir/roster.csv"
    rep mia --json reconcile "$tap_dir/roster.csv" account --key number \
        --name "roster of today" >"$said" || return 1
    is '(d["matched"], d["only_first"], d["only_second"], d["differing"])' \
        "(1, 1, 1, 1)" &&
        is '[(r["what"], r["key"], r["field"]) for r in d["rows"]]' \
            "[('differing', 'N-1', 'phone_main'), ('only_first', 'N-2', ''),\
 ('only_second', 'N-3', '')]" &&
        is 'd["ignored"]' "['remark']" || return 1
    rep mia --json record show reconciliation "$(json 'd["id"]')" >"$said" ||
        return 1
    is 'd["record"]["fields"]["only_second"]["text"]' N-3 &&
        holds '"first=1; second=1; differing=1" in
            d["record"]["fields"]["counts"]["text"]'
}

bad_roster()
{
    fails 64 rep mia reconcile "$tap_dir/roster.csv" account &&
        says "--key" &&
        fails 64 rep mia reconcile "$tap_dir/none.csv" account --key number &&
        says "none.csv" || return 1
    refuses 64 rep mia reconcile "$tap_dir/roster.csv" account --key phone -- \
        "no column" || return 1
    printf 'number\n"N-1\n' >"$tap_dir/open.csv"
    refuses 64 rep mia reconcile "$tap_dir/open.csv" account --key number -- \
        "line 2" || return 1
    # A rep looks, and saves none.
    refuses 1 rep ann reconcile "$tap_dir/roster.csv" account --key number -- \
        "reconciliation" || return 1
    rep ann --json reconcile "$tap_dir/roster.csv" account --key number \
        --dry-run >"$said" && is 'd["id"]' ""
}

# Tables and questions name people; nobody is called nothing.
nameless()
{
    fails 64 ctl head-office user add eve --name "" --role rep --unit east &&
        says "name is empty" &&
        fails 64 ctl head-office user set ann --name "  " &&
        says "name is empty"
}

# One account goes to somebody else, on a device and at the server: who had it
# and who has it now stays with it, and the new owner is told.
one_account_moves()
{
    rep mia account add "Moving Shop" territory_id=south owner_id=bob \
        number=M-1 && rep mia sync && rep bob sync || return 1
    rep mia account assign "Moving Shop" --owner cid --dry-run &&
        rep mia account assign "Moving Shop" --owner cid && rep mia sync &&
        rep cid sync || return 1
    rep cid --json inbox --kind handover >"$said" &&
        is '[i["title"] for i in d["items"]]' "['Moving Shop']" || return 1
    rep mia --json record list assignment >"$said" && is 'd["total"]' 1 ||
        return 1
    rep mia account assign "Moving Shop" --owner cid &&
        rep mia --json record list assignment >"$said" && is 'd["total"]' 1 ||
        return 1
    ctl east account assign M-1 --as mia --owner bob && rep bob sync ||
        return 1
    rep bob --json inbox --kind handover >"$said" &&
        is '[i["title"] for i in d["items"]]' "['Moving Shop']"
}

check "a branch with three reps and two managers" world
check "a person without a name is refused" nameless
check "tasks: mine by default, what is late first" tasks
check "cap 23: an overdue promise tops today" promise_tops_today
check "a task is done, or dropped with a reason" done_and_cancelled
check "a rep and a manager give a task away, both offline" reassigned_apart
check "cap 110: one owner by policy" one_owner
check "cap 110: the others are told, by whom" others_are_told
check "what a manager gave a rep does not give on" a_managers_word
check "cap 110: of two managers the later counts, and the other is told" \
    two_managers
check "done beats open" done_beats_open
check "playbooks come with the catalogue" playbooks
check "cap 111: a stage is left with its checklist" stage_exit
check "back in the stage the checklist starts anew" stage_again
check "cap 41: a contest ranks by rows of activity, ties named" contest
check "a contest counts files begun, and names who has none" files
check "a contest of completeness: the mean of each" \
    how_complete
check "a contest of validity: what spot checks found right" how_valid
check "cap 41: a callback is a call that we made" callbacks
check "a rep's device gives no places: it does not have the others' work" \
    own_part
check "cap 116: 24 hours are hours of the clock" deadlines
check "cap 116: what was late is told as long as its rule says" late_days
check "cap 116: the branch's server shows the manager what is overdue" evening
check "a rule that names no field says so" bad_rule
check "cap 116: a roster is held against the records" roster
check "cap 116: and the lists that were held against the records" \
    evening_lists
check "one account that moves leaves who had it, and tells who has it" \
    one_account_moves
check "a roster that cannot be read says why" bad_roster
tap_done
