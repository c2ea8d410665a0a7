"""How tests/count.py counts: what it misses, nobody would see fail."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
from count import count  # noqa: E402

SENTENCE = "every test case is counted once"

# name, result of the program, its output, (passed, failed, skipped)
CASES = (
    ("cases", "OK", "1..2\nok 1 - a\nok 2 - b\n", (2, 0, 0)),
    ("a failure", "FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n", (1, 1, 0)),
    ("a crash after some", "ERROR", "1..3\nok 1 - a\n", (1, 1, 0)),
    ("a crash at once", "ERROR", None, (0, 1, 0)),
    ("a leak found at the end", "ERROR", "1..1\nok 1 - a\n", (1, 1, 0)),
    ("a timeout", "TIMEOUT", "ok 1\n", (1, 1, 0)),
    ("a skip of one", "OK", "ok 1 - a # SKIP no data\nok 2\n", (1, 0, 1)),
    ("a skip of all", "SKIP", "1..0 # SKIP no data\n", (0, 0, 1)),
    ("a program without TAP", "OK", "fine\n", (1, 0, 0)),
    ("a program without TAP that fails", "FAIL", "", (0, 1, 0)),
    ("words that begin like a result", "OK", "okay\n# not ok - x\nok 1\n",
     (1, 0, 0)),
)


def check(tree):
    cases = tree.data.get("cases", CASES)
    return [
        f"{name}: {count({'result': result, 'stdout': out})}, not {wanted}"
        for name, result, out, wanted in cases
        if count({"result": result, "stdout": out}) != wanted
    ]


CLEAN = {"cases": []}
PLANTED = (("a count that is wrong",
            {"cases": [("x", "OK", "ok 1\n", (2, 0, 0))]}, "x: (1, 0, 0)"),)
