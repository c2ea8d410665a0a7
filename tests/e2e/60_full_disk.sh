#!/usr/bin/env bash
# Goal: a full disk, on a device at a save and on a server at a push, is one
# clear error that says whose disk it is; nothing that was acknowledged is
# lost, nothing is half-saved, and everything works again once there is room.
# Needs a small disk of its own: root, who may mount a tmpfs.
set -u
# shellcheck source=tests/e2e/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

tap_begin
disk=$world_dir/disk

if ! mkdir "$disk" || ! mount -t tmpfs -o size=4m none "$disk" 2>/dev/null; then
    echo "1..0 # SKIP a small disk cannot be mounted: not root?"
    exit 0
fi
umount "$disk"

# A server killed by the test may still be ending: the disk is let go lazily.
full_disk_end()
{
    world_end
    umount -l "$disk" 2>/dev/null
    tap_end
}
trap full_disk_end EXIT

fill()
{
    # It says itself that there is no room; that is what it is for.
    head -c 64M /dev/zero >"$disk/filler" 2>/dev/null
    [ "$(df --output=avail "$disk" | tail -n 1)" -eq 0 ]
}
make_room() { rm "$disk/filler"; }

set_up()
{
    world_head_office "Full disk" &&
        ctl head-office branch add east --territories t1 &&
        ctl head-office user add ann --role rep --unit east \
            --territories t1 &&
        ctl head-office sample accounts --count 40 --territories t1 \
            >"$tap_dir/shops.csv" &&
        ctl head-office import accounts "$tap_dir/shops.csv" --as admin &&
        world_branch east
}

# ---- a device ---------------------------------------------------------------

device_there()
{
    mount -t tmpfs -o size=4m none "$disk" &&
        world_device disk/ann east ann && rep disk/ann sync
}
notes() { rep disk/ann note list --ids | wc -l; }

# Until the store has used up its reserve and has no free page left either:
# then long notes do not fit, and after some short ones those neither.
saves_until_full()
{
    local i text
    for text in "$(printf 'x%.0s' {1..3500})" "one more"; do
        for i in $(seq 1 300); do
            rep disk/ann note add "$shop" "$text" >"$said" 2>&1 || break
            saved=$((saved + 1))
        done
    done
    cat "$said"
    fails 74 rep disk/ann note add "$shop" "one more" &&
        says "no room left on the disk" "disk/ann" "nothing was saved" &&
        [ "$(grep -c "free some space" "$said")" -eq 1 ] &&
        fails 74 rep disk/ann --lang zh note add "$shop" "one more" &&
        [ "$(grep -c "清理" "$said")" -eq 1 ]
}

sync_of_full_device()
{
    fails 74 rep disk/ann sync && says "no room left on the disk" "disk/ann"
}

device_goes_on()
{
    make_room && rep disk/ann note add "$shop" "there is room again" &&
        saved=$((saved + 1)) && rep disk/ann sync &&
        [ "$(notes)" -eq "$saved" ] &&
        rep disk/ann status --json | grep -q '"pending": 0' &&
        ctl east show | grep -q "^note *$saved "
}

check "an organisation with a branch and a rep" set_up
check "a device on a small disk" device_there
shop=$(rep disk/ann account list --ids --limit 1)
saved=0
check "(the disk is full)" fill
check "saves until there is no room: whose disk, and nothing half-saved" \
    saves_until_full
check "what was saved can be read on the full disk" \
    eval '[ "$(notes)" -eq "$saved" ]'
check "a sync of the full device says the same" sync_of_full_device
check "with room again everything goes on, nothing was lost" device_goes_on
check "(the device is locked)" rep disk/ann lock
umount "$disk"
rm -f "$world_dir/disk/ann.device"

# ---- a server ---------------------------------------------------------------

branch_moves()
{
    server_stop east && mount -t tmpfs -o size=4m none "$disk" &&
        cp -a "$world_dir/east/." "$disk" && rm -rf "$world_dir/east" &&
        ln -s disk "$world_dir/east" && server_start east &&
        world_device ann east ann && rep ann sync
}

push_to_full_server()
{
    "$SATCHEL_BUILD/tests/e2e/e2e-write" "$world_dir/ann" 300 \
        >"$tap_dir/written" || return 1
    refuses 3 rep ann sync -- "the server at $(server_endpoint east)" \
        "no room left on the disk" "safe on this device" &&
        rep ann status --json | grep -q '"pending": 600'
}

server_has_ended() { ! server_alive east; }
server_says_why()
{
    wait_until 10 server_has_ended &&
        grep -q 'event=commit_failed error=SP_E_FULL' "$world_dir/east.log"
}

# It runs, or it says that the disk is full; never anything else.
starts_or_says_why()
{
    rm -f "$world_dir/east.pid"
    server_start east && return 0
    tail -n 1 "$world_dir/east.log" | grep -E "no room left|SP_E_FULL"
}
server_goes_on()
{
    make_room && rm -f "$world_dir/east.pid" && server_start east &&
        rep ann sync && rep ann status --json | grep -q '"pending": 0' &&
        ctl east show | grep -q "^visit *300 "
}

check "a branch on a small disk" branch_moves
check "(the disk is full)" fill
check "a push to it: whose disk, and the edits stay on the device" \
    push_to_full_server
check "the server acknowledged nothing, says why, and ends" server_says_why
check "a start on the full disk works, or says why not" starts_or_says_why
check "with room again it starts, and takes everything" \
    eval 'server_stop east KILL; server_goes_on'
check "(the branch stops)" server_stop east
tap_done
