#!/usr/bin/env bash
# Goal: a rep's day by the clock (journey C1), each step with the command that
# it names, with no network between the morning's sync and the evening's:
# unlock and today, sync, targets and route, brief, a visit of at most 12
# inputs, a shop that was known and one that was not, care that is due and its
# messages, the day's close, the two ticks of the evening's sync, and a field
# that the manager changed at the same time.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
# shellcheck source=tests/e2e/visit.sh
. "$(dirname "${BASH_SOURCE[0]}")/visit.sh"

tap_begin
export TZ=Asia/Shanghai
day() { date -d "$1" +%F; }
# What she types herself: no passphrase comes with it.
ann() { "$world_satchel" --dir "$world_dir/ann" "$@"; }
asks() { fails 0 ann "$@" --json >/dev/null; }

# ---- what was there before ----------------------------------------------------

world()
{
    world_head_office "Journey" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office sample accounts --seed 100 --count 60 \
            --territories north >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        ctl head-office care apply \
            "$SATCHEL_ROOT/server/policy/default/care.conf" --as admin &&
        world_branch east && ctl east uplink now || return 1
    world_device ann east ann && rep ann sync &&
        world_device mia east mia && rep mia sync
}

# A customer with a history: a promise, three purchases of tea, a birthday in a
# week, a call that is a week due, a visit that is late.
customers()
{
    local n week
    week=$(date -d "+7 days" +"month=%-m; day=%-d")
    rep mia account add 中华商行 territory_id=north owner_id=ann \
        geo=31.2304,121.4737,20 visit_cycle_days=14 \
        phone_main=13812345678 funnel_status=target &&
        rep mia account add "Corner Shop" territory_id=north owner_id=ann \
            phone_main=13812345600 && rep mia sync && rep ann sync || return 1
    rep ann contact add 中华商行 李梅 "birthday=calendar=solar; $week" \
        "consent_birthday=state=given; at=$(day today)T00:00:00Z" \
        "phones+=number=13912345678" || return 1
    for n in 1 2 3; do
        rep ann record add purchase --of 中华商行 \
            "date=$(day "-$((n * 7 + 2)) days")" "amount=2000.00 CNY" \
            "products+=green tea" || return 1
    done
    refuses 1 rep ann care call 中华商行 --outcome promise \
        --promise "two boxes of samples" --due "$(day yesterday)" \
        -- "is over" &&
        late_task ann "$(day yesterday)" "two boxes of samples" promise \
            中华商行 &&
        rep ann record add activity --of 中华商行 at=now channel=phone \
            outcome=promise "promise=due=$(day today); what=two boxes" &&
        rep ann record add planned_visit --of 中华商行 rep=me date=today \
            "window=from=540; to=600" &&
        rep ann record add planned_visit --of "Corner Shop" rep=me date=today &&
        rep ann sync && rep mia sync
}

# ---- 08:10 to the door --------------------------------------------------------

unlock()
{
    rep ann lock && refuses 1 ann today -- "satchel unlock" &&
        SATCHEL_PASSPHRASE=wrong refuses 1 ann unlock -- "wrong passphrase" &&
        SATCHEL_PASSPHRASE=$world_passphrase ann unlock && asks today &&
        holds 'd["last_sync_ms"] > 0 and d["unsent"] == 0 and
            d["conflicts"] == 0 and d["rejected"] == 0' &&
        holds 'd["tasks"][0]["title"] == "two boxes of samples" and
            d["tasks"][0]["late_days"] == 1'
}

# Over night the manager gave her a task and a goal.
morning_sync()
{
    rep mia record add task --of "Corner Shop" title=inventory owner=ann \
        "due=$(day today)" &&
        rep mia record add target rep=ann metric=visits \
            "from=$(date +%Y-%m-01)" "until=$(day "+40 days")" value=40 &&
        rep mia sync && asks sync &&
        holds 'd["complete"] and d["pulled"] >= 2 and d["pushed"] == 0 and
            d["accepted"] == 0 and d["refused"] == 0' &&
        asks today && holds '{"inventory", "two boxes of samples"} <=
            {t["title"] for t in d["tasks"]}' &&
        server_stop east && refuses 3 ann sync --timeout 1 -- \
            "safe on this device"
}

goal_and_route()
{
    asks targets && holds '[(t["metric"], t["target"], t["actual"])
        for t in d["targets"]] == [("visits", 40, 0)] and
        d["as_of_ms"] > 0' &&
        asks route --from 31.23,121.47 &&
        holds '[s["title"] for s in d["stops"]][:2] ==
            ["中华商行", "Corner Shop"]'
}

# What to know before the door, on one screen.
brief()
{
    fails 0 ann brief 中华商行 && [ "$(wc -l <"$said")" -le 12 ] &&
        says "two boxes" "green tea" "李梅" "Birthday" "Overdue"
}

visit_with_photo()
{
    "$SATCHEL_BUILD/tests/e2e/e2e-picture" jpeg 1200 900 80 \
        >"$tap_dir/front.jpg" &&
        visit_standard ann 中华商行 李梅 "$tap_dir/front.jpg" || return 1
    asks photo list "$(ann visit list --ids --limit 1)" &&
        holds 'd["count"] == 1 and d["attachments"][0]["to_go"] and
            "中华商行" in d["attachments"][0]["watermark"]'
}

# ---- between the visits ---------------------------------------------------------

# The same telephone in full width, and a name that sounds the same.
known_shop()
{
    refuses 2 ann account add "总华商行" phone_main="１３８ 1234 5678" -- \
        "中华商行" "same phone" "--anyway" &&
        asks account list && holds '"总华商行" not in
            {r["title"] for r in d["records"]}'
}

new_shop()
{
    fails 0 ann account add "Harbour Tea" phone_main=13800000077 &&
        asks find harbour tea &&
        holds 'd["records"][0]["title"] == "Harbour Tea"'
}

# 12:00 to 14:00. Three purchases of 2,000 are more than a week old; a customer
# brought another one along.
care()
{
    asks care due && holds '[(i["rule"], i["account"], i["assignee"])
        for i in d["items"]] == 3 * [("big-purchase", "中华商行", "ann")]' &&
        ann record add relationship --of 中华商行 type=refers \
            to="Corner Shop" && asks care draft &&
        holds 'sorted((i["account"], i["state"]) for i in d["items"]
            if i["what"] == "message") == [("Corner Shop", "drafted"),
            ("中华商行", "drafted")]' &&
        one=$(json '[i["id"] for i in d["items"]
            if i["what"] == "message"][0]')
}

# On a Wednesday at noon, which is no holiday of the settings; shown as sent
# only when she says so.
messages()
{
    refuses 1 ann care edit "$one" "谢谢！" -- "east ann" &&
        ann care edit "$one" "谢谢您的介绍。
east ann" && asks care export --at 2026-04-22T12:00 \
        --out "$tap_dir/out.jsonl" && grep -q "谢谢您的介绍" \
        "$tap_dir/out.jsonl" && asks care due --all &&
        holds '[i["state"] for i in d["items"] if i["id"] == "'"$one"'"] ==
            ["exported"]' && ann care confirm "$one"
}

# ---- the evening ----------------------------------------------------------------

close_day()
{
    local plan
    refuses 1 ann day close --comment rain -- "Corner Shop" || return 1
    asks day show && plan=$(json 'd["open"][0]["plan_id"]') &&
        ann route skip "$plan" --reason "shop closed" &&
        asks day close --comment rain &&
        holds 'd["closed"] and d["facts"]["planned"] == "2" and
            d["facts"]["made"] == "1" and d["facts"]["skipped"] == "1" and
            d["facts"]["amount"] == "1200.00 CNY"'
}

# Both changed the telephone while they could not hear of each other.
same_field()
{
    rep mia account edit 中华商行 phone_main=13812345670 &&
        ann account edit 中华商行 phone_main=13812345671
}

# Two ticks: the branch has it and took it, head office has it.
evening_sync()
{
    local made
    asks status && made=$(json 'd["pending"]') && [ "$made" -gt 10 ] &&
        holds 'd["at_branch"] < d["commits"]' || return 1
    server_start east && rep mia sync && asks sync &&
        holds 'd["complete"] and d["pushed"] == d["accepted"] > 10 and
            d["refused"] == d["deferred"] == d["pending"] == 0' &&
        asks status && holds 'd["pending"] == 0 < d["at_branch"] and
            d["at_branch"] + d["at_head_office"] == d["commits"]' || return 1
    ctl east uplink now && asks sync && asks status &&
        holds 'd["at_branch"] == 0 and d["at_head_office"] == d["commits"]'
}

# What waits for her, with what she can do about it.
inbox()
{
    local key
    asks inbox && holds '[(i["title"], len(i["decisions"]) > 0)
        for i in d["items"] if i["kind"] == "conflict"] ==
        [("中华商行", True)] and d["as_of_ms"] > 0' &&
        key=$(json '[i["key"] for i in d["items"]
            if i["kind"] == "conflict"][0]') &&
        fails 0 ann inbox show "$key" &&
        says "138 1234 5670" "138 1234 5671" mia ann
}

conflict()
{
    local record
    asks conflicts && holds '[(c["name"],
        sorted((v["text"], v["author"]) for v in c["field"]["values"]))
        for c in d["conflicts"]] == [("phone_main",
        [("+8613812345670", "mia"), ("+8613812345671", "ann")])]' &&
        holds 'all(v["time_ms"] > 0
            for v in d["conflicts"][0]["field"]["values"])' || return 1
    record=$(ann find 中华商行 --ids) &&
        ann conflicts settle "$record" phone_main --value 13812345670 &&
        asks conflicts && holds 'd["count"] == 0' &&
        ann conflicts undo "$record" phone_main &&
        asks conflicts && holds 'd["count"] == 1' &&
        ann conflicts settle "$record" phone_main --value 13812345671 &&
        ann sync && rep mia sync &&
        fails 0 rep mia account show "$record" && says "138 1234 5671"
}

# goal METRIC ARG...: the manager's, for what was since the customers came.
goal()
{
    local metric=$1
    shift
    rep mia record add target "metric=$metric" "from=$(day "-60 days")" \
        "until=$(day "+40 days")" "$@"
}

# Her purchases are those of the accounts that she has; of the branch's goal
# all accounts count.
goals()
{
    goal purchases rep=ann value=8 && goal revenue rep=ann "amount=9000 CNY" &&
        goal new_accounts rep=ann value=4 &&
        goal new_accounts unit=east value=100 &&
        goal coverage rep=ann value=90 && rep mia sync && ann sync || return 1
    asks targets && holds 'sorted((t["metric"], t["whose"], t["actual"])
        for t in d["targets"] if not t["share"]) == [("coverage", "ann", 100),
        ("new_accounts", "ann", 2), ("new_accounts", "east", 63),
        ("purchases", "ann", 4), ("revenue", "ann", 720000),
        ("visits", "ann", 1)]'
}

# The manager's evening: her rep's day is there.
seen_above()
{
    rep mia sync && fails 0 rep mia record list day_summary --json &&
        says rain &&
        fails 0 rep mia find "Harbour Tea" && says "Harbour Tea" &&
        fails 0 rep mia timeline 中华商行 && says "wants the new oolong"
}

check "a branch, a rep and a manager with sixty customers" world
check "one of them with a history, and two plans for today" customers
check "C1 08:10: locked says so; unlocked, today says what waits" unlock
check "C1 08:15: the sync brings a new task and a goal; then no network" \
    morning_sync
check "C1 08:30: the goal as of now (cap 109), the route" goal_and_route
check "C1 before the door: promise, usual order, birthday, overdue in 12 lines" \
    brief
check "C1 at the door: a visit of at most 12 inputs, a photo among them" \
    visit_with_photo
check "C1 between: a shop that is known is shown before it is saved" known_shop
check "C1 between: a new one is saved" new_shop
check "C1 12:00: what is due, drafted" care
check "C1 12:00: a draft is edited and handed out" messages
check "(the manager changes what she changes)" same_field
check "C1 17:30: the day closes from facts" close_day
check "C1 18:00: received and applied, by the branch and by head office" \
    evening_sync
check "C1 18:00: the inbox has what waits for her" inbox
check "C1 any time: both values, who and when; chosen, undone, chosen" conflict
check "goals of each kind count what the day brought" goals
check "the manager has the rep's day" seen_above
tap_done
