#!/usr/bin/env bash
# Goal: what a rep does in the shop, by the clock and with no network: shop
# front photo, store check from last time's values, after-photo, the steps that
# head office wants, the route that he planned. A photo is kept whole, once and
# sealed (cap 17, as far as the device goes): a file that is no photo, too
# large, a bomb or damaged is refused, a kill in the middle leaves nothing, a
# flipped byte is told.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
inputs=0
export TZ=Asia/Shanghai
picture=$SATCHEL_BUILD/tests/e2e/e2e-picture

world()
{
    world_head_office "Field" &&
        ctl head-office branch add east --territories north &&
        ctl head-office user add ann --role rep --unit east \
            --territories north &&
        ctl head-office user add mia --role manager --unit east &&
        ctl head-office user add sue --role service --unit east || return 1
    world_branch east && ctl east uplink now || return 1
    world_device ann east ann && rep ann sync &&
        world_device mia east mia && rep mia sync &&
        world_device sue east sue
}

customers()
{
    rep mia account add 中华商行 territory_id=north owner_id=ann \
        geo=31.2304,121.4737,20 &&
        rep mia account add "Corner Shop" territory_id=north owner_id=ann &&
        rep mia sync && rep ann sync || return 1
    # Last time, by ann: what the store check begins with.
    rep ann visit start 中华商行 && rep ann visit check 绿茶 facings=4 \
        shelf_stock=12 "price=3.50 CNY" && rep ann visit check 冰红茶 \
        competitor=Rival facings=6 "price=3.20 CNY" &&
        rep ann visit end --outcome no_decision && rep ann sync
}

# Which steps a visit has is head office's to say, and comes with the sync.
steps_of_head_office()
{
    ctl head-office care apply "$SATCHEL_ROOT/server/policy/default/care.conf" \
        --as admin || return 1
    printf '%s\n' 'playbook = ( { name = "nobody"; steps = (
        { order = 1; what = "x"; } ); } );' >"$tap_dir/bad.conf"
    refuses 64 ctl head-office care check "$tap_dir/bad.conf" -- \
        "type of visit" || return 1
    printf '%s\n' 'playbook = ( { name = "sales visit"; visit = "sales";
        steps = ( { order = 1; what = "门头照 Shop front"; exit = true;
                    proof = "photo"; },
                  { order = 2; what = "店查 Store check"; exit = true;
                    proof = "check"; },
                  { order = 3; what = "整理陈列 Tidy the shelf"; exit = true; },
                  { order = 4; what = "After-photo"; exit = true;
                    proof = "photo"; },
                  { order = 5; what = "Ask for news"; } ); } );' \
        >"$tap_dir/steps.conf"
    ctl head-office care apply "$tap_dir/steps.conf" --as admin &&
        ctl east uplink now && rep ann sync
}

route()
{
    rep ann --json route save "Corner Shop" 中华商行 --min 2 >"$said" ||
        return 1
    holds 'd["stops"] == 2 and d["planned"] == 2' || return 1
    rep ann --json route save 中华商行 "Corner Shop" >"$said" || return 1
    holds 'd["planned"] == 0 and d["cancelled"] == 0' || return 1
    rep ann --json route >"$said" || return 1
    holds 'd["saved"] and d["min_stops"] == 2 and
        [(s["title"], s["place"]) for s in d["stops"]] ==
            [("中华商行", 1), ("Corner Shop", 2)]' || return 1
    rep ann today >"$said" && says "Stops at least: 2"
}

# stops DEVICE DAY [OPTION...]: whose order, who saved it, how many apart
stops()
{
    rep "$1" --json route --date "$2" "${@:3}" >"$said" || return 1
    json '" ".join(s["title"] for s in d["stops"] if s["place"]) +
        " by " + d["by"] + " beside " + str(d["others"])'
}

exchange()
{
    rep mia sync && rep ann sync && rep mia sync
}

# His manager plans his day; he has it offline, and who wrote it.
managers_route()
{
    local day
    day=$(date -d tomorrow +%F)
    rep mia --json route save --rep ann --date "$day" "Corner Shop" \
        中华商行 >"$said" && holds 'd["planned"] == 2' && exchange || return 1
    [ "$(stops ann "$day")" = "Corner Shop 中华商行 by mia beside 0" ] &&
        [ "$(stops mia "$day" --rep ann)" = \
            "Corner Shop 中华商行 by mia beside 0" ] &&
        holds 'd["rep"] == "ann"' &&
        [ "$(stops mia "$day")" = " by  beside 0" ] || return 1
    rep ann --lang zh route --date "$day" 2>&1 | grep -q "mia 为 ann 保存" ||
        return 1
    refuses 1 rep ann route save --rep mia --date "$day" "Corner Shop" -- \
        "nothing was saved" &&
        rep sue sync &&
        refuses 1 rep sue route save --rep ann 中华商行 -- \
            "nothing was saved" &&
        refuses 1 rep mia route save --rep nobody "Corner Shop" -- "nobody"
}

# Both change it apart: a conflict, until one who saw both saves.
both_change_it()
{
    local day
    day=$(date -d tomorrow +%F)
    rep mia route save --rep ann --date "$day" "Corner Shop" &&
        rep ann route save --date "$day" 中华商行 "Corner Shop" && exchange &&
        rep ann --json conflicts >"$said" &&
        holds '[(c["entity"], c["name"]) for c in d["conflicts"]] ==
            [("route_plan", "stops")] and
            sorted(v["text_en"] for v in
            d["conflicts"][0]["field"]["values"]) ==
            ["Corner Shop", "中华商行 > Corner Shop"]' || return 1
    fails 0 rep ann conflicts && says "中华商行 > Corner Shop" || return 1
    rep ann route save --date "$day" 中华商行 "Corner Shop" && exchange &&
        rep mia --json conflicts >"$said" && holds 'd["count"] == 0' &&
        [ "$(stops mia "$day" --rep ann)" = \
            "中华商行 Corner Shop by  beside 0" ]
}

# Both save a first one apart: the newer leads, and the next one who saves
# leaves a single one, without the other's stops.
both_save_one()
{
    local day
    day=$(date -d "+2 days" +%F)
    rep mia route save --rep ann --date "$day" "Corner Shop" &&
        rep ann route save --date "$day" 中华商行 && exchange || return 1
    [ "$(stops ann "$day")" = "中华商行 by  beside 1" ] &&
        holds '[s["title"] for s in d["stops"] if s["plan_id"]] ==
            ["中华商行", "Corner Shop"]' &&
        [ "$(stops mia "$day" --rep ann)" = "中华商行 by  beside 1" ] &&
        rep ann --json route save --date "$day" 中华商行 >"$said" &&
        holds 'd["cancelled"] == 1' && exchange &&
        [ "$(stops mia "$day" --rep ann)" = "中华商行 by  beside 0" ] &&
        holds '[s["title"] for s in d["stops"] if s["plan_id"]] ==
            ["中华商行"]'
}

pictures()
{
    "$picture" jpeg 5000 3000 92 >"$tap_dir/front.jpg" &&
        "$picture" jpeg 2000 3000 92 >"$tap_dir/after.jpg" &&
        "$picture" png 640 480 0 >"$tap_dir/shelf.png" || return 1
    ls -l "$tap_dir"/*.jpg "$tap_dir"/*.png
    python3 - "$tap_dir" <<'END'
import struct, sys, zlib
d = sys.argv[1] + "/"
open(d + "list.jpg", "w", encoding="utf-8").write("tea, cups, oolong\n" * 9)
open(d + "big.jpg", "wb").write(b"\xff\xd8\xff\xe0" + b"\0" * (21 << 20))
open(d + "cut.jpg", "wb").write(open(d + "after.jpg", "rb").read()[:400000])
def chunk(kind, body):
    return (struct.pack(">I", len(body)) + kind + body +
            struct.pack(">I", zlib.crc32(kind + body)))
open(d + "bomb.png", "wb").write(
    b"\x89PNG\r\n\x1a\n" +
    chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(b"\0" * (8 << 20), 9)) + chunk(b"IEND", b""))
END
}

shop_front()
{
    types ann 2 visit start 中华商行 --at 31.2305,121.4738,15 || return 1
    visit=$(rep ann visit list --ids | head -n 1)
    types ann 2 photo add "$tap_dir/front.jpg" --json >"$said" || return 1
    holds 'd["commit"] > 0 and not d["existed"]' || return 1
    front=$(json 'd["id"]')
    rep ann --json photo list "$visit" >"$said" || return 1
    holds 'd["count"] == 1 and d["attachments"][0]["about_entity"] == "visit"
        and d["attachments"][0]["mime"] == "image/jpeg" and
        d["attachments"][0]["here"] and d["attachments"][0]["to_go"] and
        "中华商行" in d["attachments"][0]["watermark"] and
        "31.23050,121.47380" in d["attachments"][0]["watermark"] and
        "+08:00" in d["attachments"][0]["watermark"]'
}

# What another program reads of a copy: the description of its first EXIF
# directory.
description()
{
    python3 - "$1" <<'END'
import struct, sys
b = open(sys.argv[1], "rb").read()
at = b.index(b"Exif\0\0II*\0") + 6
first = struct.unpack_from("<I", b, at + 4)[0]
for i in range(struct.unpack_from("<H", b, at + first)[0]):
    tag, kind, count, value = struct.unpack_from("<HHII", b,
                                                 at + first + 2 + 12 * i)
    if tag == 0x010e:
        print(b[at + value:at + value + count - 1].decode("utf-8"))
END
}

handed_out()
{
    rep ann photo show "$front" --out "$tap_dir/copy.jpg" &&
        rep ann photo show "${front%%-*}" --preview \
            --out "$tap_dir/small.jpg" || return 1
    description "$tap_dir/copy.jpg" >"$said" &&
        says 中华商行 "ann" "31.23050,121.47380" "+08:00" "device" || return 1
    description "$tap_dir/small.jpg" >"$said" && says 中华商行 || return 1
    [ "$(stat -c %s "$tap_dir/small.jpg")" -lt 131072 ] &&
        [ "$(stat -c %a "$tap_dir/copy.jpg")" = 600 ] || return 1
    refuses 1 rep ann photo show "$front" --out "$tap_dir/copy.jpg" -- \
        "--force" || return 1
    rep ann photo show "$front" --force --out "$tap_dir/copy.jpg" || return 1
    # Each is in the notes of what left, with its hash.
    rep ann --json record list export_job >"$said" || return 1
    holds 'sorted(r["fields"]["format"]["values"][0]["text"]
        for r in d["records"]) == ["photo", "photo", "preview"]' &&
        says "$(python3 -c 'import hashlib, sys
print(hashlib.blake2b(open(sys.argv[1], "rb").read(),
                      digest_size=32).hexdigest())' "$tap_dir/copy.jpg")"
}

added_again()
{
    rep ann --json photo add "$visit" "$tap_dir/front.jpg" >"$said" || return 1
    holds 'd["existed"] and d["commit"] == 0' && is 'd["id"]' "$front" ||
        return 1
    # Of another thing there is another record, and still one copy.
    rep ann photo add "Corner Shop" "$tap_dir/front.jpg" || return 1
    rep ann --json photo list >"$said" && holds 'd["count"] == 2' || return 1
    rep ann --json status >"$said" && holds 'd["photos_to_go"] == 1' || return 1
    rep ann today >"$said" && says "Photos to go: 1"
}

refused()
{
    refuses 1 rep ann photo add "$tap_dir/list.jpg" -- "no JPEG or PNG" &&
        refuses 1 rep ann photo add "$tap_dir/big.jpg" -- "20971520" &&
        refuses 1 rep ann photo add "$tap_dir/bomb.png" -- "60000 x 60000" &&
        refuses 74 rep ann photo add "$tap_dir/cut.jpg" -- "damaged" &&
        refuses 1 rep ann photo add "$tap_dir/none.jpg" -- "none.jpg" &&
        refuses 1 rep ann photo add Nobody "$tap_dir/shelf.png" -- "Nobody" &&
        refuses 1 rep ann photo show "$visit" --out - -- "attachment" ||
        return 1
    rep ann --json status >"$said" && holds 'd["photos_to_go"] == 1'
}

# Last time's values are there, the competitor's too; one change is typed.
store_check()
{
    rep ann --json visit check >"$said" || return 1
    holds '[(c["product"], c["competitor"], c["shelf_stock"], c["now"])
        for c in d["checks"]] == [("绿茶", "", "12", False),
                                  ("冰红茶", "Rival", "", False)]' || return 1
    types ann 2 visit check 绿 shelf_stock=4 &&
        types ann 2 visit check --same >"$said" 2>&1 && says "1 products" ||
        return 1
    rep ann --json visit check >"$said" || return 1
    holds 'all(c["now"] for c in d["checks"]) and
        [(c["facings"], c["shelf_stock"], c["price"]) for c in d["checks"]] ==
            [("4", "4", "3.50 CNY"), ("6", "", "3.20 CNY")]' || return 1
    rep ann --lang zh visit check >"$said" && says 冰红茶
}

steps_done()
{
    rep ann --json visit steps >"$said" || return 1
    holds '[s["state"] for s in d["steps"]] ==
        ["done", "done", "open", "open", "open"]' || return 1
    refuses 1 rep ann visit end --outcome order -- "Tidy the shelf" \
        "After-photo" || return 1
    refuses 1 rep ann visit step 3 skip -- "reason" &&
        types ann 2 visit step 整理 done || return 1
    refuses 1 rep ann visit end --outcome order -- "After-photo"
}

visit_end()
{
    types ann 2 visit end --outcome order --next "$(date -d "+14 days" +%F)" \
        >"$said" 2>&1 && says "Seconds" || return 1
    rep ann --json visit steps "$visit" >"$said" || return 1
    holds '[s["state"] for s in d["steps"]] ==
        ["done", "done", "done", "done", "open"]' || return 1
    refuses 1 rep ann visit edit "$visit" "verify=verdict=verified" -- \
        "nobody types it" || return 1
    refuses 1 rep ann record add visit --of 中华商行 type=sales checkin=now \
        verify.verdict=verified -- "nobody types it" || return 1
    echo "inputs: $inputs"
    [ "$inputs" -le 12 ]
}

# The machine was started anew: the store has another start's time in it.
restarted()
{
    rep ann visit start "Corner Shop" || return 1
    echo 00000000-0000-4000-8000-000000000000 >"$tap_dir/boot_id"
    unshare -m sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id &&
        SATCHEL_PASSPHRASE=$1 "$2" --dir "$3" visit end --outcome closed_door' \
        "$tap_dir/boot_id" "$world_passphrase" "$world_satchel" \
        "$world_dir/ann" >"$said" 2>&1 && says "restarted"
}

day_close()
{
    rep ann --json day close --comment "two shops" >"$said" || return 1
    holds 'd["facts"]["planned"] == "2" and d["facts"]["made"] == "2" and
        d["facts"]["adherence"] == "100%" and d["facts"]["min_stops"] == "2"'
}

killed()
{
    local i listed
    for i in 1 2 3 4 5 6 8 10 12 15 18 22; do
        SATCHEL_PASSPHRASE=$world_passphrase "$world_satchel" \
            --dir "$world_dir/ann" photo add "$tap_dir/after.jpg" \
            >/dev/null 2>&1 &
        sleep "0.$(printf %02d "$i")"
        kill -KILL $! 2>/dev/null
        wait $! 2>/dev/null
        rep ann --json photo list "$visit" >"$said" || return 1
        listed=$(json 'd["count"]')
        rep ann --json status >"$said" || return 1
        # All of it or nothing: bytes without a record would count here.
        is 'd["photos_to_go"]' "$listed" || return 1
        echo "killed after 0.$(printf %02d "$i") s: $listed"
    done
    types ann 2 photo add "$tap_dir/after.jpg" &&
        rep ann --json photo list "$visit" >"$said" &&
        holds 'd["count"] == 2' &&
        after=$(json 'd["attachments"][0]["id"]') &&
        rep ann photo show "$after" --out "$tap_dir/after_copy.jpg"
}

sealed()
{
    python3 - "$world_dir/ann/db/data.mdb" "$tap_dir/front.jpg" \
        "$tap_dir/after.jpg" <<'END'
import hashlib, sys
store = open(sys.argv[1], "rb").read()
found = [m for m in (b"JFIF\0\1\1", b"Exif\0\0", b"\xff\xd8\xff\xe0\0\x10",
                     "中华商行".encode()) if m in store]
for name in sys.argv[2:]:
    photo = open(name, "rb").read()
    found += [f"{name} at {i}" for i in range(0, len(photo) - 24, 9973)
              if photo[i:i + 24] in store]
    if hashlib.blake2b(photo, digest_size=32).digest()[:16] in store:
        found.append(f"hash of {name}")
print(found, len(store))
sys.exit(1 if found or len(store) < 4 << 20 else 0)
END
}

damaged()
{
    cp -a "$world_dir/ann" "$world_dir/broken" || return 1
    python3 - "$world_dir/broken/db/data.mdb" <<'END'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    store = bytearray(f.read())
    flipped = 0
    for at in range(0, len(store), 4096):
        # A value of four pages: a piece of a photo.
        if struct.unpack_from("<HI", store, at + 10) == (4, 4):
            store[at + 9000] ^= 1
            flipped += 1
    f.seek(0)
    f.write(store)
sys.exit(0 if flipped > 10 else 1)
END
    refuses 74 rep broken photo show "$front" --out "$tap_dir/broken.jpg" -- \
        "damaged" && [ ! -e "$tap_dir/broken.jpg" ] || return 1
    rep broken --json photo list >"$said" && holds 'd["count"] == 3' &&
        rep broken account list >"$said" && says 中华商行
}

# A role that takes nothing of the kind out takes out no photo either.
# Service adds a photo and looks at it, each time with its note; under a policy
# that lets it take out nothing but talks it only adds.
no_right()
{
    local id
    rep sue sync && id=$(rep sue photo add 中华商行 "$tap_dir/shelf.png") &&
        rep sue photo show "$id" --out "$tap_dir/sue.png" &&
        [ -s "$tap_dir/sue.png" ] && rep sue --json record list export_job \
        >"$said" && holds 'd["total"] == 1' || return 1
    ctl head-office policy export --out "$tap_dir/policy.conf" &&
        sed -i '/name = "service"/,/rules =/ s/"attachment", //' \
            "$tap_dir/policy.conf" &&
        ctl head-office policy apply "$tap_dir/policy.conf" &&
        ctl east uplink now && rep sue sync || return 1
    refuses 1 rep sue photo show "$id" --out "$tap_dir/sue2.png" -- \
        "none of your roles" && [ ! -e "$tap_dir/sue2.png" ]
}

documents()
{
    rep ann document add "Corner Shop" "$tap_dir/list.jpg" \
        --mime text/plain || return 1
    rep ann --json document list >"$said" || return 1
    holds 'd["count"] == 1 and d["attachments"][0]["watermark"] == "" and
        d["attachments"][0]["mime"] == "text/plain"' || return 1
    rep ann document show "$(json 'd["attachments"][0]["id"]')" \
        --out "$tap_dir/list.txt" && cmp "$tap_dir/list.txt" "$tap_dir/list.jpg"
}

evening()
{
    rep ann sync && rep mia sync || return 1
    # The records went, the bytes did not, and nobody says they did.
    rep ann --json status >"$said" &&
        holds 'd["pending"] == 0 and d["photos_to_go"] == 3' || return 1
    rep mia --json photo list >"$said" || return 1
    holds 'd["count"] == 4 and not any(a["here"] for a in d["attachments"])' ||
        return 1
    refuses 1 rep mia photo show "$front" --out "$tap_dir/mia.jpg" -- \
        "not on this device" || return 1
    refuses 3 rep ann logout -- "3 photos" || return 1
    rep ann logout --force >"$said" 2>&1 && says "3 photos" &&
        [ ! -e "$world_dir/ann" ]
}

check "a branch with a rep and a manager" world
check "customers, and what was on the shelf last time" customers
check "head office says which steps a visit has" steps_of_head_office
check "pictures as a camera makes them, and others" pictures
check "08:30: the route is saved, and shown in its order" route
check "a manager saves a route for a rep, who has it and is told" managers_route
check "a route that both changed is a conflict of its stops" both_change_it
check "two routes saved apart become one" both_save_one
check "0:00: a shop front photo belongs to the open visit" shop_front
check "a copy has its watermark, a preview is small" handed_out
check "cap 17: added again there is no second copy" added_again
check "no photo, 21 MB, a bomb, a damaged one: refused" refused
check "0:30: the store check has last time's values" store_check
check "which steps are done, and what is missing" steps_done
check "cap 17: a kill in the middle leaves all of a photo or nothing" killed
check "8:00: the visit ends within 12 inputs" visit_end
if unshare -m true 2>/dev/null; then
    check "after a restart the wall clock counts, and it is told" restarted
else
    skip "after a restart the wall clock counts, and it is told" \
        "no mount namespace here"
    rep ann visit start "Corner Shop" >/dev/null &&
        rep ann visit end --outcome closed_door >/dev/null 2>&1
fi
check "17:30: the day's close says how much of the route was kept" day_close
check "nothing of a photo can be read in the store" sealed
check "a flipped byte is told, and all else can be read" damaged
check "who may take no records out hands out no photo" no_right
check "a document of any kind comes back as it was" documents
check "what no server has is counted, and logout says so" evening
tap_done
