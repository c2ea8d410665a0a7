# shellcheck shell=bash
# visit.sh - the standard visit of a rep's day, with its inputs counted, for
# the tests that play one. Sourced by bash, after tap.sh.

# visit_standard DEVICE ACCOUNT CONTACT [PHOTO]: check-in at the door, the photo
# of the shop's front, a note, a quick tag, what was bought, the outcome with the
# next date. The account lies at 31.2304,121.4737. Leaves the count of inputs in
# $inputs.
visit_standard()
{
    local device=$1 account=$2 contact=$3 photo=${4:-}
    inputs=0
    types "$device" 2 visit start "$account" --at 31.2305,121.4738,15 \
        >"$said" 2>&1 && says "Verified" || return 1
    if [ -n "$photo" ]; then
        types "$device" 2 photo add "$photo" || return 1
    fi
    types "$device" 2 note add "$account" "wants the new oolong" &&
        types "$device" 2 contact edit "$contact" soft_leisure_tags+=golf &&
        types "$device" 3 record add purchase --of "$account" date=today \
            "amount=1200.00 CNY" "products+=green tea" || return 1
    refuses 1 rep "$device" visit end -- "outcome" || return 1
    types "$device" 2 visit end --outcome order \
        --next "$(date -d "+14 days" +%F)" >"$said" 2>&1 && says "Seconds" ||
        return 1
    echo "inputs: $inputs"
    [ "$inputs" -le 12 ]
}
