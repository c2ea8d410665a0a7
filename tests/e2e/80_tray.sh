#!/usr/bin/env bash
# Goal: "your edit was refused, and here it is, with the reason". A branch
# refuses a contact for one field that its author may no longer fill in: the
# whole contact, one refusal, while what he did besides goes through. What he
# typed is his on every device that he gets; he edits it and sends it again,
# asks his manager, who enters it as his own edit, or lets it go. Nobody has
# any of it before he shows it. Each number is the same wherever it is said.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin

world()
{
    world_head_office "Tray" &&
        ctl head-office branch add east --territories north,south &&
        ctl head-office user add mei --name "李梅" --role rep --unit east \
            --territories north &&
        ctl head-office user add boss --name "赵敏" --role manager \
            --unit east &&
        printf '%s\n' "name,territory,phone" \
            "老王茶行,north,13800000001" "Corner Bakery,north,13800000002" \
            >"$tap_dir/a.csv" &&
        ctl head-office import accounts "$tap_dir/a.csv" --as admin &&
        world_branch east && ctl east uplink now
}

devices()
{
    world_device phone east mei && rep phone sync &&
        world_device boss east boss && rep boss sync
}

# policy PYTHON: what is done to its text `t`; in force at the branch too.
policy()
{
    ctl head-office policy export >"$tap_dir/policy.conf" &&
        python3 -c 'import sys
path = sys.argv[1]
before = t = open(path, encoding="utf-8").read()
exec(sys.argv[2])
assert t != before, "the policy stays as it was"
open(path, "w", encoding="utf-8").write(t)' \
            "$tap_dir/policy.conf" "$1" &&
        ctl head-office policy apply "$tap_dir/policy.conf" &&
        ctl east uplink now
}

# Takes words out of the first list named LIST of a rule.
without() # RULE LIST FIELD
{
    policy "
import re
i = t.index('rule = $1;')
j = t.index('$2 = [', i)
k = t.index(']', j)
words = [w for w in re.findall(r'\"([^\"]+)\"', t[j:k]) if w != '$3']
t = t[:j] + '$2 = [ ' + ', '.join('\"%s\"' % w for w in words) + ' ' + t[k:]"
}

# ---- refused, whole ---------------------------------------------------------

# Before the phone hears of the new policy.
work_offline()
{
    rep phone contact add 老王 "王小明" role_title=店长 age_band=25_34 &&
        rep phone account edit "Corner Bakery" industry=bread
}

refused_whole()
{
    fails 0 rep phone sync --json &&
        holds '(d["pushed"], d["accepted"], d["refused"], d["pending"]) ==
            (2, 1, 1, 0)' &&
        fails 0 ctl east show --json &&
        holds '[row[1] for row in d["rows"] if row[0] == "contact"] == [0]' &&
        rep boss sync && fails 0 rep boss account show "Corner Bakery" &&
        says bread
}

as_typed()
{
    fails 0 rep phone rejected --json && holds 'd["count"] == 1' &&
        key=$(json 'd["rejected"][0]["key"]') &&
        holds 'd["rejected"][0]["code"] == 65 and
            d["rejected"][0]["name"] == "SP_E_FIELD_DENIED" and
            d["rejected"][0]["rule"] == 102 and
            d["rejected"][0]["field"] == "age_band" and
            d["rejected"][0]["state"] == "open" and
            d["rejected"][0]["records"][0]["created"]' &&
        fails 0 rep phone rejected show "$key" --lang en &&
        says "your role may not write this field" "Age" \
            "rule 102" "SP_E_FIELD_DENIED" "店长" "王小明" &&
        fails 0 rep phone rejected show "$key" --lang zh &&
        says "您的角色无权修改该字段" "年龄段" "规则 102" "25至34岁" &&
        fails 0 rep phone brief 老王
}

# Two commits of the phone, one of the branch's: the record of the refusal.
one_status()
{
    fails 0 rep phone status --json &&
        holds 'd["refused"] == 1 and d["commits"] == 2 and
            d["pending"] + d["at_branch"] + d["at_head_office"] == 2 and
            d["at_branch"] == 2 and d["photos_to_go"] == 0 and
            d["last_branch_ms"] > 0 and d["last_head_office_ms"] == 0' &&
        fails 0 rep phone status --lang en && says "refused" ": 1" &&
        fails 0 ctl east status --json &&
        holds 'd["at_this_branch_only"] > 0 and d["deferred"] == 0 and
            d["quarantined"] == 0' &&
        ctl east uplink now --json >"$said" 2>"$tap_dir/progress" &&
        holds '(d["sent"], d["accepted"]) == (3, 2)' &&
        fails 0 ctl east status --json && holds 'd["at_this_branch_only"] == 0'
}

nobody_else()
{
    rep boss sync && fails 0 rep boss rejected --json &&
        holds 'd["count"] == 0' &&
        fails 0 rep boss asked --json && holds 'd["count"] == 0' &&
        rep boss lock &&
        SATCHEL_PASSPHRASE=$world_passphrase "$SATCHEL_BUILD"/tests/e2e/e2e-look \
            device "$world_dir/boss" >"$said" &&
        [ "$(awk -F'\t' '$1 == "value" && $2 >= 240' "$said" | wc -l)" -eq 0 ] &&
        rep boss unlock
}

check "a branch, a rep, his manager" world
check "their devices" devices
check "the policy takes a field away while the rep is out" \
    without 102 write age_band
check "he makes a contact, and fills it in; and edits a shop" work_offline
check "one sync: the contact is refused whole, the edit stands" refused_whole
check "it is there as typed, with code, rule and field, in both languages" \
    as_typed
check "each number is the same everywhere" one_status
check "the manager's device has nothing of it" nobody_else

# ---- a new phone ------------------------------------------------------------

# Only when everything is handed in, or he says that it may be lost.
logout()
{
    rep phone note add 老王茶行 "on the last day" && server_stop east &&
        refuses 3 rep phone logout --timeout 1 -- "1 edits" "--force" &&
        [ -e "$world_dir/phone/key.slot" ] && rep phone unlock &&
        server_start east && fails 0 rep phone logout --json &&
        holds 'd["logged_out"] and (d["sent"], d["lost"]) == (1, 0)' &&
        [ ! -e "$world_dir/phone" ] && rm -f "$world_dir/phone.device" &&
        rep boss sync && fails 0 rep boss note list 老王茶行 &&
        says "on the last day" &&
        refuses 1 rep phone logout -- "satchel enrol" &&
        rm -f "$world_dir/phone.device"
}

# By force: what nobody has is lost, and said so.
forced()
{
    world_device lost east mei && rep lost sync &&
        rep lost note add 老王茶行 "never sent" && server_stop east &&
        fails 0 rep lost logout --force --timeout 1 --json &&
        holds '(d["sent"], d["lost"]) == (0, 1)' &&
        [ ! -e "$world_dir/lost" ] && rm -f "$world_dir/lost.device" &&
        server_start east && world_device lost east mei && rep lost lock &&
        refuses 1 "$world_satchel" --dir "$world_dir/lost" logout -- \
            "satchel unlock" && [ -e "$world_dir/lost/key.slot" ] &&
        fails 0 "$world_satchel" --dir "$world_dir/lost" logout --force &&
        says "it was locked" &&
        [ ! -e "$world_dir/lost" ] && rm -f "$world_dir/lost.device"
}

new_phone()
{
    world_device next east mei && rep next sync &&
        fails 0 rep next rejected --json &&
        holds 'd["count"] == 1 and d["rejected"][0]["key"] == "'"$key"'" and
            not d["rejected"][0]["here"] and
            d["rejected"][0]["records"][0]["created"]' &&
        fails 0 rep next status --json && holds 'd["refused"] == 1'
}

sent_again()
{
    refuses 1 rep next rejected resend "$key" -- "age_band" &&
        fails 0 rep next rejected resend "$key" age_band= \
            role_title=老板 &&
        fails 0 rep next sync --json &&
        holds 'd["refused"] == 0 and d["accepted"] >= 1' &&
        fails 0 rep next rejected --json && holds 'd["count"] == 0' &&
        fails 0 rep next contact list --json &&
        holds 'd["count"] == 1' &&
        rep boss sync &&
        fails 0 rep boss contact show "$(rep boss contact list --ids)" &&
        says "王小明" "老板"
}

check "he logs out: nothing is left of it on the old phone" logout
check "by force what is unsent is lost, and said so" forced
check "a new phone of his has it" new_phone
check "without the field it is sent again, and accepted" sent_again

# ---- the manager ------------------------------------------------------------

refused_again()
{
    without 101 write industry &&
        rep next account edit 老王茶行 industry=oolong &&
        fails 0 rep next sync --json && holds 'd["refused"] == 1' &&
        fails 0 rep next rejected --json &&
        key=$(json 'd["rejected"][0]["key"]')
}

asks()
{
    fails 0 rep next rejected ask "$key" --note "他们改卖乌龙了" &&
        refuses 1 rep next rejected ask "$key" -- "waits" &&
        rep next sync && rep boss sync &&
        fails 0 rep boss asked --lang zh &&
        says "李梅 请您处理" oolong "行业" "规则 101" "他们改卖乌龙了" &&
        fails 0 rep boss asked --json &&
        holds 'd["count"] == 1 and d["asked"][0]["author"] == "李梅" and
            d["asked"][0]["name"] == "SP_E_FIELD_DENIED"' &&
        asked=$(json 'd["asked"][0]["key"][:8]') &&
        fails 0 rep boss asked show "$asked" --lang en && says oolong
}

enters()
{
    refuses 1 rep boss asked enter ffffffff -- ffffffff &&
        fails 0 rep boss asked enter "$asked" industry="oolong tea" \
            --note "done" &&
        fails 0 rep boss asked --json && holds 'd["count"] == 0' &&
        refuses 1 rep boss asked decline "$asked" -- "answered" &&
        fails 0 rep boss sync --json && holds 'd["refused"] == 0' &&
        rep next sync &&
        fails 0 rep next rejected show "$key" --lang en &&
        says "entered" "赵敏" "done" "oolong" &&
        fails 0 rep next account show 老王茶行 && says "oolong tea" &&
        fails 0 rep next rejected --json &&
        holds 'd["rejected"][0]["state"] == "entered"' &&
        fails 0 rep next rejected discard "$key" &&
        fails 0 rep next status --json && holds 'd["refused"] == 0'
}

declines()
{
    local mine=""
    rep next note add "Corner Bakery" "kept" &&
        without 101 write source &&
        rep next account edit "Corner Bakery" source=spoken &&
        rep next sync && fails 0 rep next rejected --json &&
        holds 'd["count"] == 1' &&
        mine=$(json 'd["rejected"][0]["key"]') &&
        rep next rejected ask "$mine" && rep next sync && rep boss sync &&
        fails 0 rep boss asked --json &&
        asked=$(json 'd["asked"][0]["key"]') &&
        fails 0 rep boss asked decline "$asked" --note "write it down" &&
        rep boss sync && rep next sync &&
        fails 0 rep next rejected --lang zh &&
        says "经理未采纳" "赵敏" "write it down" spoken &&
        fails 0 rep next rejected discard "$mine" && rep next sync &&
        fails 0 rep next rejected --json && holds 'd["count"] == 0'
}

# A third phone of his: what was dealt with is dealt with.
all_done()
{
    world_device third east mei && rep third sync &&
        fails 0 rep third rejected --json && holds 'd["count"] == 0' &&
        ctl east uplink now && ctl east uplink now --json >"$said" &&
        fails 0 ctl head-office show && says rejected asked &&
        fails 0 rep third sync --json && holds 'd["alarms"] == 0'
}

check "another edit of his is refused" refused_again
check "he shows it to his manager, who sees what and why" asks
check "who enters it as his own edit, and says so" enters
check "or declines" declines
check "on every device of his it is dealt with" all_done
tap_done
