#!/usr/bin/env bash
# Goal: customers are known as they are, by real processes: a distributor and
# its outlets (cap 3), who decides at a key account and who has left (cap 16),
# what two reps found out apart (cap 5), text of every script byte by byte (cap
# 14), and fields that a device does not know yet (cap 8).
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
export TZ=Asia/Shanghai

world()
{
    world_head_office "Known" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --role rep --unit east \
            --territories north &&
        ctl head-office user add bob --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --role manager --unit east || return 1
    world_branch east && ctl east uplink now || return 1
    world_device ann east ann && world_device bob east bob &&
        world_device mia east mia && everybody
}

everybody()
{
    local device
    for device in ann bob mia ann bob mia; do
        rep "$device" sync || return 1
    done
}

# ---- a distributor ----------------------------------------------------------

distributor()
{
    local i
    {
        echo "number,name,kind,territory_id,owner_id"
        echo "D,Delta Distribution,distributor,north,ann"
        for i in $(seq 12); do
            echo "D-$i,Outlet $i,customer,north,ann"
        done
        echo "X,Corner Shop,customer,north,bob"
    } >"$tap_dir/chain.csv"
    ctl head-office import accounts "$tap_dir/chain.csv" --as admin &&
        ctl east uplink now && everybody || return 1
    for i in $(seq 11); do
        rep mia account edit "D-$i" parent_id=D || return 1
    done
    rep mia account edit D-12 parent_id=D-11 &&
        rep ann record add relationship --of D to=X type=supplies \
            since=2020-01-01 && rep ann sync && everybody
}

outlets()
{
    rep bob --json account outlets D >"$said" &&
        holds '[o["how"] for o in d["outlets"]].count("part") == 12 and
            sum(o["depth"] == 2 for o in d["outlets"]) == 1' &&
        holds '[o["number"] for o in d["outlets"]
            if o["how"] == "supplies"] == ["X"]' || return 1
    rep bob --lang zh account outlets D >"$said" && says "下级" "由其供货"
}

outlet_goes()
{
    rep mia account remove D-3 && everybody || return 1
    rep bob --json account outlets D >"$said" &&
        holds '[o["number"] for o in d["outlets"]].count("D-3") == 0 and
            len(d["outlets"]) == 12' &&
        rep bob --json account show D >"$said" &&
        holds 'd["record"]["title"] == "Delta Distribution" and
            not d["record"]["deleted"]'
}

# ---- a key account ----------------------------------------------------------

key_account()
{
    rep mia account edit X key_account.yes=true \
        "key_account.reason=flagship store" && everybody &&
        rep bob contact add X "Dora Decides" decision_role=decision_maker &&
        rep bob contact add X "Ulli Uses" decision_role=user &&
        rep bob record add relationship --of X "contact=Dora Decides" \
            type=employs since=2021-05-01 &&
        rep bob record add relationship --of X "contact=Ulli Uses" \
            type=employs since=2022-05-01 || return 1
    rep bob sync && everybody &&
        rep ann --json account people X >"$said" &&
        holds 'd["key_account"] and [p["name"] for p in d["people"]] ==
            ["Dora Decides", "Ulli Uses"] and
            not any(p["past"] for p in d["people"])'
}

relation_of() # DEVICE NAME
{
    rep "$1" --json account people X >"$said" &&
        json "[p['relation'] for p in d['people'] if p['name'] == '$2'][0]"
}

tasks_of() # DEVICE
{
    rep "$1" --json record list task >"$said" && json 'd["total"]'
}

# Ann notes it, with no network; Bob, whose account it is, gets the task.
leaves()
{
    rep ann record edit relationship "$(relation_of ann "Ulli Uses")" \
        until=2025-12-31 && [ "$(tasks_of ann)" = 0 ] &&
        rep ann record edit relationship "$(relation_of ann "Dora Decides")" \
            until=2025-12-31 "reason=went to a competitor" &&
        [ "$(tasks_of ann)" = 1 ] && rep ann sync && everybody || return 1
    rep bob --json today >"$said" &&
        holds '[t["title"] for t in d["tasks"]] ==
            ["Dora Decides, who decides here, has left: who decides now?"]'
}

one_only()
{
    refuses 1 rep bob record edit relationship \
        "$(relation_of bob "Dora Decides")" until=2026-01-31 -- "" || return 1
    everybody && [ "$(tasks_of bob)" = 1 ] && [ "$(tasks_of mia)" = 1 ]
}

history_is_kept()
{
    rep mia --json account people X >"$said" &&
        holds '[(p["name"], p["past"], p["until"]) for p in d["people"]] ==
            [("Dora Decides", True, "2025-12-31"),
             ("Ulli Uses", True, "2025-12-31")]' &&
        holds 'd["people"][0]["reason"] == "went to a competitor"'
}

# ---- apart ------------------------------------------------------------------

union()
{
    rep ann contact edit "Ulli Uses" soft_leisure_tags+=chess &&
        rep bob contact edit "Ulli Uses" soft_leisure_tags+=fishing &&
        everybody && everybody || return 1
    local device
    for device in ann bob; do
        rep "$device" --json contact show "Ulli Uses" >"$said" &&
            holds '{v["text"] for v in
                d["record"]["fields"]["soft_leisure_tags"]["values"]} ==
                {"chess", "fishing"}' || return 1
        rep "$device" --json conflicts >"$said" || return 1
    done
}

# ---- text -------------------------------------------------------------------

# U+20BB7 and U+2A6A5 lie beyond the BMP; "é" is typed as two characters.
rare='𠮷野家𪚥'
apart=$(printf 'Cafe\xcc\x81')
whole=$(printf 'Caf\xc3\xa9')

rare_text()
{
    rep ann account add "$rare" "alias+=$apart" owner_id=me \
        territory_id=north && rep ann sync && ctl east uplink now || return 1
    ctl head-office export csv account --as mia --out "$tap_dir/out.csv" ||
        return 1
    grep -qF "$rare" "$tap_dir/out.csv" && grep -qF "$whole" "$tap_dir/out.csv" &&
        ! grep -qF "$apart" "$tap_dir/out.csv" || return 1
    printf 'number,name,territory_id\nI-1,%s %s,north\n' "$rare" "$apart" \
        >"$tap_dir/in.csv"
    ctl head-office import accounts "$tap_dir/in.csv" --as admin &&
        ctl east uplink now && rep mia sync &&
        rep mia --json account show I-1 >"$said" &&
        [ "$(json 'd["record"]["title"]')" = "$rare $whole" ]
}

# ---- another edition --------------------------------------------------------

next_edition()
{
    ctl head-office dictionary export --out "$tap_dir/d.conf" &&
        python3 - "$tap_dir/d.conf" <<'PY' || return 1
import sys
path = sys.argv[1]
text = open(path, encoding="utf-8").read()
at = text.index('name = "contact";')
end = text.rindex(")", 0, text.rindex("}", 0, text.rindex("{", 0, at)))
field = (', { number = 900; name = "floor_area"; en = "Floor area"; '
         'zh = "面积"; type = "uint(0, 100000)"; merge = "LWW"; '
         'sensitivity = 1; }\n')
open(path, "w", encoding="utf-8").write(text[:end] + field + text[end:])
PY
    ctl head-office policy export --out "$tap_dir/p.conf" &&
        sed -i 's/"verified_at"/"verified_at", "floor_area"/' \
            "$tap_dir/p.conf" || return 1
    ctl head-office dictionary apply "$tap_dir/d.conf" &&
        ctl head-office policy apply "$tap_dir/p.conf" && ctl east uplink now
}

old_edition()
{
    rep bob account edit X industry=retail && next_edition &&
        rep mia sync && rep mia account edit X floor_area=120 &&
        rep mia sync || return 1
    fails 64 rep bob account edit X floor_area=90 && says floor_area
    rep bob sync && rep mia sync || return 1
    rep bob --json account show X >"$said" &&
        holds 'd["record"]["fields"]["floor_area"]["text"] == "120"' &&
        rep mia --json account show X >"$said" &&
        holds 'd["record"]["fields"]["industry"]["text"] == "retail" and
            d["record"]["fields"]["floor_area"]["text"] == "120"' &&
        rep bob --json rejected list >"$said" && holds 'd["rejected"] == []'
}

check "two reps and their manager" world
check "a distributor with its outlets" distributor
check "cap 3: a distributor shows its 12 outlets, and whom it supplies" outlets
check "cap 3: an outlet that is deleted leaves the distributor intact" \
    outlet_goes
check "a key account and who decides there" key_account
check "cap 16: who decides leaves, and the owner is told" leaves
check "cap 16: once" one_only
check "cap 16: the relation has ended, its history is kept" history_is_kept
check "cap 5: two reps add different tags offline, both stand" union
check "cap 14: rare characters come out as they went in, as NFC" rare_text
check "cap 8: a device of the edition before syncs, nothing is dropped" \
    old_edition
tap_done
