#!/usr/bin/env bash
# Goal: every figure of tests/bench/run comes as one well-formed line, in the
# order of --list. At tiny sizes; what the figures are does not matter.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

number='-?[0-9.]+(e[-+][0-9]+)?'
null_or="(null|$number)"
line="^\{\"figure\": \"([a-z0-9_]+)\", \"value\": $number, \"unit\": \"[^\"]+\","
line="$line \"raw\": $null_or, \"ratio\": $null_or\}\$"

mapfile -t names < <(tests/bench/run --list)
mapfile -t lines < <(tests/bench/run --tiny --no-build)
echo "1..${#names[@]}"
failed=0
for ((i = 0; i < ${#names[@]}; i++)); do
    if [[ ${lines[i]:-} =~ $line ]] && [ "${BASH_REMATCH[1]}" = "${names[i]}" ]
    then
        echo "ok $((i + 1)) - ${names[i]}"
    else
        echo "# line: ${lines[i]:-none}"
        echo "not ok $((i + 1)) - ${names[i]}"
        failed=1
    fi
done
exit "$failed"
