#!/usr/bin/env bash
# Goal: a rep's day by the clock, with no network between the morning's sync
# and the evening's: today, brief, a visit of at most 12 inputs whose check-in
# is verified, the route, the day's close; and what three people did offline
# stands on one timeline.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
# shellcheck source=tests/e2e/visit.sh
. "$(dirname "${BASH_SOURCE[0]}")/visit.sh"

tap_begin
export TZ=Asia/Shanghai

world()
{
    world_head_office "Day" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add sue --role service --unit east || return 1
    world_branch east && ctl east uplink now || return 1
    world_device ann east ann && rep ann sync &&
        world_device mia east mia && rep mia sync &&
        world_device sue east sue && rep sue sync
}

customers()
{
    rep mia account add 中华商行 territory_id=north owner_id=ann \
        geo=31.2304,121.4737,20 visit_cycle_days=14 &&
        rep mia account add "Corner Shop" territory_id=north owner_id=ann &&
        rep mia sync && rep ann sync && rep sue sync || return 1
    late_task ann "$(date -d yesterday +%F)" samples promise 中华商行 &&
        rep ann contact add 中华商行 李梅 &&
        rep ann record add planned_visit --of 中华商行 rep=me date=today \
            "window=from=540; to=600" &&
        rep ann record add planned_visit --of "Corner Shop" rep=me date=today
}

today()
{
    rep ann --json today >"$said" || return 1
    holds 'd["last_sync_ms"] > 0 and d["unsent"] == 3 and
        d["conflicts"] == 0 and d["rejected"] == 0' &&
        holds '[t["title"] for t in d["tasks"]] == ["samples"] and
            d["tasks"][0]["late_days"] == 1' &&
        holds '[v["title"] for v in d["visits"]] ==
            ["中华商行", "Corner Shop"]' || return 1
    rep ann --lang zh today >"$said" && says "未上传" "中华商行" "samples"
}

before_the_door()
{
    rep ann brief 中华商行 >"$said" && says "1 task" || return 1
    [ "$(wc -l <"$said")" -le 13 ] || return 1
    rep ann --json route --from 31.23,121.47 >"$said" || return 1
    holds '[s["title"] for s in d["stops"]] == ["中华商行", "Corner Shop"]'
}

outside()
{
    rep ann visit start 中华商行 --at 31.3,121.5,15 >"$said" 2>&1 &&
        says "Outside" &&
        rep ann visit end --outcome closed_door
}

close_day()
{
    local plan
    refuses 1 rep ann day close --comment rain -- "Corner Shop" || return 1
    rep ann --json day show >"$said" || return 1
    plan=$(json 'd["open"][0]["plan_id"]')
    rep ann route skip "$plan" --reason "shop closed" &&
        rep ann --json day close --comment rain >"$said" || return 1
    holds 'd["closed"] and d["facts"]["planned"] == "2" and
        d["facts"]["made"] == "1" and d["facts"]["skipped"] == "1" and
        d["facts"]["visits"] == "2" and d["facts"]["verified"] == "1" and
        d["facts"]["order"] == "1" and d["facts"]["amount"] == "1200.00 CNY"' &&
        refuses 1 rep ann day close -- "closed already"
}

evening()
{
    rep mia record add purchase --of 中华商行 date=today "amount=80 CNY" \
        "products+=cups" &&
        rep sue record add activity --of 中华商行 at=now channel=phone \
            dept=客服 sentiment=negative "summary=six boxes were wet" ||
        return 1
    rep ann sync && rep mia sync && rep sue sync && rep ann sync || return 1
    rep ann --json today >"$said" || return 1
    holds 'd["unsent"] == 0 and d["rejected"] == 0 and d["conflicts"] == 0'
}

timeline()
{
    rep ann --json timeline 中华商行 >"$said" || return 1
    holds '{"note", "purchase", "activity", "visit"} <=
        {e["entity"] for e in d["events"]}' &&
        holds '[e["time_ms"] for e in d["events"]] ==
            sorted((e["time_ms"] for e in d["events"]), reverse=True)' &&
        holds '[e["author"] for e in d["events"]][:2] == ["sue", "mia"]' ||
        return 1
    rep ann --json timeline 中华商行 --dept 客服 >"$said" || return 1
    holds 'd["total"] == 1 and d["events"][0]["sentiment"] == "negative"' ||
        return 1
    rep ann --json timeline 中华商行 --limit 2 >"$said" || return 1
    rep ann --json timeline 中华商行 --limit 2 --before \
        "$(json 'd["next"]')" >"$said" && holds 'd["count"] == 2'
}

check "a branch with a rep, a manager and a service agent" world
check "customers, a promise of yesterday and two plans" customers
check "08:10: today says what waits, what is late and whom to visit" today
check "before the door: brief and route" before_the_door
check "C1: a visit takes at most 12 inputs and is verified" \
    visit_standard ann 中华商行 李梅
check "a check-in elsewhere is outside, and is not refused" outside
check "cap 114: the day closes from facts, after a reason for each stop" \
    close_day
check "the evening's sync leaves nothing behind" evening
check "cap 2: what three made offline stands in causal order" timeline
tap_done
