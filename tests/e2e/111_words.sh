#!/usr/bin/env bash
# Goal: what a person reads stands in his language also where somebody else,
# or a program, has said it: why a server does not start, why the exchange with
# head office failed, what a scan has put into a task.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

# chinese COMMAND...: as somebody types it whose language is Chinese.
chinese()
{
    env -u LC_ALL -u LC_MESSAGES LANG=zh_CN.UTF-8 "$@"
}

# ---- satcheld ---------------------------------------------------------------

none=$tap_dir/none

refuses() # STATUS WORDS COMMAND...
{
    local status=$1 words=$2
    shift 2
    fails "$status" "$@" && says "$words"
}

the_option_chooses()
{
    refuses 1 "此处尚未建立服务器" "$world_satcheld" --dir "$none" --lang zh &&
        refuses 1 "此处尚未建立服务器" "$world_satcheld" --lang=zh \
            --dir "$none" &&
        refuses 1 "no server has been made here" chinese "$world_satcheld" \
            --dir "$none" --lang en &&
        refuses 64 "命令行：contexts = x：请填写 1 到 1024 之间的整数（个请求）" \
            "$world_satcheld" --contexts x --lang zh
}

the_environment_chooses()
{
    refuses 1 "此处尚未建立服务器" chinese "$world_satcheld" --dir "$none" &&
        refuses 1 "no server has been made here" "$world_satcheld" \
            --dir "$none" &&
        refuses 64 "没有该文件或目录" chinese "$world_satcheld" \
            --config "$none" --dir "$none"
}

no_such_language()
{
    refuses 64 "--lang: write zh or en" "$world_satcheld" --lang fr \
        --dir "$none" &&
        refuses 64 "--lang：请写 zh 或 en" chinese "$world_satcheld" \
            --dir "$none" --lang
}

# ---- the exchange with head office ------------------------------------------

world()
{
    world_head_office "茶与米" &&
        ctl head-office branch add dong "华东" --territories dong-1 &&
        world_branch dong
}

a_failed_exchange()
{
    local where
    where=$(server_endpoint head-office)
    server_stop head-office || return 1
    refuses 69 "无法连接；请确认服务器在运行、地址正确: 连接被拒绝" \
        ctl dong uplink now --lang zh &&
        ctl dong uplink status --json --lang zh >"$said" &&
        is 'd["uplink"]["note"]' "$where: 无法连接；请确认服务器在运行、地址正确: 连接被拒绝" &&
        ctl dong uplink status --json --lang en >"$said" &&
        is 'd["uplink"]["note"]' "$where: cannot connect; is the server running and the \
address right: Connection refused" &&
        grep -q 'text="[^"]*Connection refused' "$world_dir/dong.log"
}

# a port that somebody has
a_taken_port()
{
    refuses 1 "地址已被占用" "$world_satcheld" --lang zh \
        --dir "$world_dir/head-office" --listen "$(server_endpoint dong)" &&
        says "另一进程占用该端口"
}

# ---- what a scan writes -------------------------------------------------------

a_stale_customer()
{
    printf 'number,name,phone_main,territory_id,owner_id,verified_at\n%s\n' \
        "K1,静安茶叶店,13800138001,dong-1,mei,$(date -d '200 days ago' +%F)" \
        >"$tap_dir/shops.csv"
    server_start head-office &&
        ctl head-office user add mei --name 李梅 --role rep --unit dong \
            --territories dong-1 &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        ctl head-office quality scan --as admin --lang zh &&
        ctl dong uplink now && world_device mei dong mei && rep mei sync
}

a_task_in_both_languages()
{
    local en="not verified for 200 days" zh="已 200 天未核实" id
    rep mei --json --lang en task list >"$said" &&
        is 'd["tasks"][0]["title"]' "$en" && id=$(json 'd["tasks"][0]["id"]') &&
        rep mei --json --lang zh task list >"$said" &&
        is 'd["tasks"][0]["title"]' "$zh" &&
        rep mei --json --lang en record list task >"$said" &&
        is 'd["records"][0]["title"]' "$en" &&
        rep mei --lang zh record show task "$id" >"$said" && says "$zh" &&
        rep mei --lang en record show task "$id" >"$said" && says "$en" &&
        rep mei --lang en timeline K1 >"$said" && says "$en"
}

# ---- what fits ----------------------------------------------------------------

a_wrong_value_tells_what_fits()
{
    refuses 1 "请填写 1 到 365 之间的整数" \
        rep mei --lang zh account edit K1 visit_cycle_days=1999 &&
        refuses 1 "write a whole number from 1 to 365" \
            rep mei --lang en account edit K1 visit_cycle_days=1999 &&
        refuses 1 "请填写日期，例如 2026-12-31，或 today" \
            rep mei --lang zh account edit K1 verified_at=昨天 &&
        refuses 1 "31.2304,121.4737,20" rep mei account edit K1 geo=here &&
        rep mei visit start K1 &&
        refuses 1 "as 1234.50 CNY" rep mei visit check cola price=3.50 &&
        refuses 1 "最多 80 个字符" rep mei --lang zh visit check \
            "$(printf '%0100d' 0)" &&
        rep mei visit end --outcome order
}

a_stage_is_told_in_both_languages()
{
    rep mei account stage K1 target --reason 问价 &&
        rep mei --lang zh timeline K1 >"$said" && says "漏斗 · 目标 · 问价" &&
        rep mei --lang en timeline K1 >"$said" && says "Funnel · Target · 问价"
}

# ---- what people name ------------------------------------------------------------

a_planned_visit_is_named_by_its_customer()
{
    ctl head-office import accounts - --as admin <<'CSV' || return 1
number,name,territory_id
K2,徐汇茶行,dong-1
K3,长宁粮油店,dong-1
CSV
    ctl dong uplink now && rep mei sync && rep mei route save K2 K3 &&
        refuses 1 "a reason" rep mei route skip K2 &&
        rep mei route skip 徐汇茶行 --reason "shop closed" &&
        refuses 1 "今天没有您计划而未进行的拜访" \
            rep mei --lang zh route skip K2 --reason "shop closed" &&
        refuses 1 "nope" rep mei route skip nope --reason "shop closed" &&
        rep mei --json route >"$said" &&
        is 'sorted((s["title"], "closed" in s["skipped"]) for s in d["stops"]
                if s["plan_id"])' \
            "[('徐汇茶行', True), ('长宁粮油店', False)]"
}

check "--lang is the language of why satcheld does not start" the_option_chooses
check "without it the environment's" the_environment_chooses
check "another language is refused, in one that is there" no_such_language
check "a head office and a branch" world
check "a failed exchange is told to each in his language" a_failed_exchange
check "and so is a port that somebody has" a_taken_port
check "a scan in Chinese finds a customer that nobody verified" a_stale_customer
check "its task is told to each in his language" a_task_in_both_languages
check "a wrong value is refused with what fits" a_wrong_value_tells_what_fits
check "a stage is told to each in his language" a_stage_is_told_in_both_languages
check "a visit to skip is named by its customer" \
    a_planned_visit_is_named_by_its_customer
tap_done
