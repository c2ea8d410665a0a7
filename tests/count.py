"""Counts test cases in a log of meson test: prints passed, failed, skipped.

Reads testlog.json (one JSON object a line and test program). TAP lines are
counted one by one; a program that fails without a `not ok` (a crash, a
timeout, a leak found at exit) counts as one more failure.
"""
import json
import re
import sys

TAP = re.compile(r"(not )?ok\b(?P<rest>.*)")


def count_tap(stdout):
    """Cases among the lines of one program's output."""
    passed = failed = skipped = 0
    for line in stdout.splitlines():
        match = TAP.match(line)
        if not match:
            continue
        directive = re.search(r"#\s*(skip|todo)", match["rest"], re.I)
        if directive:
            skipped += 1
        elif match[1]:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def count(entry):
    """Cases of one program."""
    result = entry["result"]
    passed, failed, skipped = count_tap(entry.get("stdout") or "")
    good = result in ("OK", "EXPECTEDFAIL")
    if result == "SKIP":
        return passed, failed, max(skipped, 1)
    if not good and failed == 0:
        failed = 1
    if good and passed + failed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def main(path):
    total = [0, 0, 0]
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            if line.strip():
                total = [a + b for a, b in zip(total, count(json.loads(line)))]
    print(*total)


if __name__ == "__main__":
    main(sys.argv[1])
