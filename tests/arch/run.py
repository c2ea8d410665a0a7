"""Runs one check on the project and on its planted violations; prints TAP.

    run.py CHECK ROOT BUILD
"""
import importlib
import os
import sys

sys.dont_write_bytecode = True

import tree as tree_module  # noqa: E402


def main(name, root, build):
    check = importlib.import_module(name)
    tree = tree_module.read_tree(root, build)
    owed = check.owed(tree) if hasattr(check, "owed") else []
    print(f"1..{2 + len(check.PLANTED) + len(owed)}")
    failed = 0

    def case(number, good, title, findings=()):
        nonlocal failed
        print(("ok" if good else "not ok"), number, "-", title)
        for finding in findings:
            print("#", finding)
        failed += not good

    findings = check.check(tree)
    case(1, not findings, check.SENTENCE, findings)
    findings = check.check(tree_module.Tree(check.CLEAN, root))
    case(2, not findings, "finds nothing where nothing is", findings)
    for number, (title, files, part) in enumerate(check.PLANTED, 3):
        planted = dict(check.CLEAN)
        planted.update(files)
        findings = check.check(tree_module.Tree(planted, root))
        case(number, any(part in f for f in findings), f"finds {title}",
             () if any(part in f for f in findings) else findings)
    # What is not there yet is seen, and is no failure.
    for number, (title, reason) in enumerate(owed, 3 + len(check.PLANTED)):
        print(f"ok {number} - {title} # SKIP {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main(*sys.argv[1:]))
