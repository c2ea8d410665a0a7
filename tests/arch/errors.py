"""The list of errors: numbers are on the wire and in journals for good."""
import re

SENTENCE = "every error has its own number, rising, a class and two texts"

ENTRY = re.compile(
    r'X\(\s*(\w+)\s*,\s*(\d+)\s*,\s*(\w+)\s*,\s*"([^"]*)"\s*,\s*"([^"]*)"\s*\)')
CLASSES = {
    "SP_CLASS_NONE", "SP_CLASS_PEER", "SP_CLASS_POLICY", "SP_CLASS_LOCAL",
    "SP_CLASS_BUSY", "SP_CLASS_CALLER"
}
PATH = "sync-proto/sp/err.h"


def list_body(text):
    """The lines of the macro, as far as they are continued."""
    body, inside = [], False
    for line in text.split("\n"):
        if line.startswith("#define SP_ERR_LIST(X)"):
            inside = True
        elif inside:
            body.append(line)
        if inside and not line.rstrip().endswith("\\"):
            break
    return "\n".join(body)


def check(tree):
    body = list_body(tree.files.get(PATH) or "")
    entries = ENTRY.findall(body)
    findings = []
    if len(entries) != body.count("X(") or not entries:
        findings.append(f"{PATH}: the list cannot be read")
    last, names = -1, set()
    for name, number, kind, english, chinese in entries:
        if int(number) <= last:
            findings.append(f"{name}: number {number} does not rise")
        if name in names:
            findings.append(f"{name}: stands twice")
        if kind not in CLASSES:
            findings.append(f"{name}: no class {kind}")
        if not english or not chinese:
            findings.append(f"{name}: a text is missing")
        last = int(number)
        names.add(name)
    return findings


def planted(*rows):
    text = "#define SP_ERR_LIST(X) \\\n" + " \\\n".join(rows) + "\n\nX(\n"
    return {PATH: text}


OK = '  X(SP_OK, 0, SP_CLASS_NONE, "ok", "成功")'
CLEAN = planted(OK, '  X(SP_E_A, 32, SP_CLASS_PEER, "a", "甲")')
PLANTED = (
    ("a number that stands twice",
     planted(OK, '  X(SP_E_A, 0, SP_CLASS_PEER, "a", "甲")'), "does not rise"),
    ("a name that stands twice",
     planted(OK, '  X(SP_OK, 1, SP_CLASS_PEER, "a", "甲")'), "twice"),
    ("numbers that fall",
     planted(OK, '  X(SP_E_B, 33, SP_CLASS_PEER, "b", "乙")',
             '  X(SP_E_A, 32, SP_CLASS_PEER, "a", "甲")'), "does not rise"),
    ("an unknown class",
     planted(OK, '  X(SP_E_A, 1, SP_CLASS_FOO, "a", "甲")'), "no class"),
    ("a text that is missing",
     planted(OK, '  X(SP_E_A, 1, SP_CLASS_PEER, "a", "")'), "text"),
    ("an entry that cannot be read", planted(OK, "  X(SP_E_A, 1)"), "read"),
)
