#!/usr/bin/env bash
# Goal: somebody whose language is Chinese reads Chinese: all commands that
# read, and mistakes of many kinds, on a terminal of 80 columns; no line is
# wider than it and none has English in it, save names and codes.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

accounts()
{
    cat <<'CSV'
number,name,territory_id,phone_main,address.country,address.city,tags,visit_cycle_days
K1,静安茶叶店,dong-1,13800138001,CN,上海,老客户,14
K2,徐汇茶行,dong-1,13800138002,CN,上海,,
K3,长宁粮油店,dong-1,13800138003,CN,上海,,7
CSV
}

world()
{
    accounts >"$tap_dir/shops.csv"
    world_head_office "茶与米" &&
        ctl head-office branch add dong "华东" --territories dong-1 &&
        ctl head-office user add mei --name "李梅" --role rep --unit dong \
            --territories dong-1 &&
        ctl head-office user add min --name "赵敏" --role manager \
            --unit dong &&
        ctl head-office user add hugo --name "胡果" --role analyst &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        ctl head-office care apply \
            "$SATCHEL_ROOT/server/policy/default/care.conf" --as admin &&
        world_branch dong && world_device mei dong mei && rep mei sync &&
        world_device min dong min && rep min sync
}

# A bit of everything: a visit with a note, people, tasks, purchases, a
# promise, two values of one field, and an edit that is refused.
a_day()
{
    shop=$(rep mei account list 静安 --ids)
    contact=$(rep mei contact add "$shop" 王芳 role_title=店长 \
        preferred_time=上午) || return 1
    visit=$(rep mei visit start "$shop" --at 31.23,121.47,20) &&
        note=$(rep mei note add "$shop" "要两箱龙井，周五送到") &&
        rep mei visit end --outcome order || return 1
    task=$(rep mei record add task --of "$shop" title=送货 owner=mei \
        due="$(date +%F)") &&
        rep mei record add purchase --of "$shop" date="$(date +%F)" \
            amount="1000.00 CNY" &&
        rep mei care call "$shop" --outcome promise --promise 带样品 \
            --due "$(date -d tomorrow +%F)" &&
        rep mei account edit "$shop" phone_main=13800138011 &&
        rep min account edit "$shop" phone_main=13800138012 &&
        rep mei sync && rep min sync && rep mei sync &&
        ctl dong uplink now
}

defaults()
{
    ctl head-office dictionary export --out "$tap_dir/dictionary.conf" &&
        ctl head-office policy export --out "$tap_dir/policy.conf"
}

# walk KIND PROGRAM NAME
walk()
{
    env -u LC_ALL -u LC_MESSAGES LANG=zh_CN.UTF-8 \
        SATCHEL_PASSPHRASE=$world_passphrase python3 -B \
        "$SATCHEL_ROOT/tests/e2e/walk.py" "$1" "$2" "$world_dir/$3" \
        "$world_satchel" "$world_dir/mei" "$(printf '{"shop": "%s",
            "contact": "%s", "visit": "%s", "note": "%s", "task": "%s",
            "dir": "%s", "dictionary": "%s", "policy": "%s", "care": "%s"}' \
            "$shop" "$contact" "$visit" "$note" "$task" "$tap_dir" \
            "$tap_dir/dictionary.conf" "$tap_dir/policy.conf" \
            "$SATCHEL_ROOT/server/policy/default/care.conf")" \
        mei min hugo admin dong shops none CN CNY "$(hostname)" \
        "$(grep -o 'name = "[a-z-]*"' \
            "$SATCHEL_ROOT/server/policy/default/care.conf")"
}

# On a pipe, and as JSON, names of the dictionary stand, in any language.
programs_read_names()
{
    ctl dong conflicts --as min --lang zh >"$said" &&
        says account "phone_main (also)" &&
        ctl dong conflicts --as min --lang zh --json >"$said" &&
        is '{(r[0], r[2]) for r in d["rows"]} == {("account", "phone_main"),
            ("account", "phone_main (also)")}' True &&
        ctl dong explain K1 --user mei --lang zh --json >"$said" &&
        is 'd["entity"], d["roles"], "phone_main" in d["rows"][0][3],
            d["rows"][0][0]' "('account', ['rep'], True, 'territory dong-1')"
}

check "a Chinese company" world
check "works a day" a_day
check "its documents lie in files" defaults
check "a rep reads Chinese alone" walk device "$world_satchel" mei
check "so does a manager" walk device "$world_satchel" min
check "and whoever keeps head office" walk server "$world_ctl" head-office
check "and whoever looks after the branch" walk branch "$world_ctl" dong
check "programs read the names of the dictionary" programs_read_names
tap_done
