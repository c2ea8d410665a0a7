"""Each row of the product's capabilities has a test that names it."""
import re

SENTENCE = "every test that tests/capabilities.txt names is there, and says so"

TABLE = "tests/capabilities.txt"
# Rows that the customer book answers.
ROWS = (*range(1, 45), 54, *range(62, 69), *range(109, 117))
NUMBERS = r"\d+(?:(?:, | and | to )\d+)*"
MENTION = re.compile(rf"\bcaps? ({NUMBERS})|\bcap_(\d+(?:_and_\d+)*)_")
# A comment, then the head of a function of a test.
FUNCTION = re.compile(
    r"((?:^/\*(?:(?!\*/).)*\*/\n)?)^static void (\w+)\(\s*void \*\*state\)",
    re.M | re.S)
CHECK = re.compile(r'^check "([^"\n]*)"', re.M)


def mentioned(text):
    """Rows that a text names: cap 7, caps 62, 64 to 67 and 70, cap_7_x,
    cap_7_and_8_x."""
    rows = set()
    for some, one in MENTION.findall(text):
        last = None
        for sign, number in re.findall(r"(, | and | to |_and_|)(\d+)",
                                       some or one):
            first = last + 1 if sign == " to " and last else int(number)
            rows.update(range(first, int(number) + 1))
            last = int(number)
    return rows


def lines(tree):
    """Yields (line number, row, where, name) of the table; a row that is
    owed has None for where, and its reason for name."""
    for number, line in enumerate((tree.files[TABLE] or "").split("\n"), 1):
        words = line.split(None, 2)
        if not words or words[0].startswith("#"):
            continue
        if len(words) < 3 or not words[0].isdigit():
            yield number, None, None, line
        else:
            where = None if words[1] == "owed" else words[1]
            yield number, int(words[0]), where, words[2]


def tests_of(path, text):
    """Name of each test in a file -> what it says of itself. What is not
    called again after its definition is no test."""
    if path.endswith(".c"):
        goal = text.split("*/", 1)[0] if text.startswith("/*") else ""
        return {name: goal + comment + name
                for comment, name in FUNCTION.findall(text)
                if len(re.findall(rf"\b{name}\b", text)) > 1}
    goal = text.split("\nset -u", 1)[0]
    return {title: goal + "\n" + title for title in CHECK.findall(text)}


def check_line(tree, row, where, name):
    path = "tests/" + where
    if tree.files.get(path) is None:
        return f"no file {path}"
    said = tests_of(path, tree.files[path]).get(name)
    if said is None:
        return f"{path} has no test '{name}'"
    if row not in mentioned(said):
        return f"'{name}' does not say cap {row}"
    return None


def check(tree):
    if TABLE not in tree:
        return [f"no file {TABLE}"]
    findings, seen = [], set()
    for number, row, where, name in lines(tree):
        wrong = None
        if row is None:
            wrong = "neither 'ROW PATH NAME' nor 'ROW owed REASON'"
        elif row not in ROWS:
            wrong = f"row {row} is none of these"
        elif where is not None:
            wrong = check_line(tree, row, where, name)
        seen.add(row)
        if wrong:
            findings.append(f"{TABLE}:{number}: {wrong}")
    return findings + [f"{TABLE}: row {row} is neither shown nor owed"
                       for row in ROWS if row not in seen]


def owed(tree):
    """Pairs (title, reason): what no test shows yet."""
    return [(f"cap {row}", reason) for _, row, where, reason in lines(tree)
            if row is not None and where is None]


def table(**changed):
    """A table of all rows, some of them changed; None leaves a row out."""
    rows = {str(row): f"{row} owed later" for row in ROWS}
    rows["7"] = "7 unit/test_a.c consent_comes_first"
    rows["8"] = "8 unit/test_a.c cap_8_old_devices_sync"
    rows["64"] = "64 e2e/1_a.sh each is counted once"
    rows["65"] = "65 e2e/1_a.sh caps 62 and 65: who leaves"
    rows.update({name[1:]: line for name, line in changed.items()})
    return "# a comment\n\n" + "\n".join(
        line for line in rows.values() if line) + "\n"


CLEAN = {
    TABLE: table(),
    "tests/unit/test_a.c":
        "/* cap 7 */\nstatic void consent_comes_first(void **state)\n{\n}\n"
        "/* cap 9 */\nstatic void helper(int x)\n{\n}\n"
        "static void cap_8_old_devices_sync(\n    void **state)\n{\n}\n"
        "/* cap 5 */\nstatic void nobody_runs_it(void **state)\n{\n}\n"
        "CASE(consent_comes_first), CASE(cap_8_old_devices_sync)\n",
    "tests/e2e/1_a.sh":
        "# Goal: caps 62, 64 to 66.\nset -u\n"
        'check "each is counted once" x\n'
        'check "caps 62 and 65: who leaves" y\n',
}
PLANTED = (
    ("a row that nobody speaks of", {TABLE: table(r7=None)},
     "row 7 is neither"),
    ("a row that is none", {TABLE: table(r7="700 owed x")}, "row 700"),
    ("a line that says nothing", {TABLE: table(r7="7 owed")}, "neither 'ROW"),
    ("a file that is gone", {TABLE: table(r7="7 unit/test_b.c x")},
     "no file tests/unit/test_b.c"),
    ("a test that is gone", {TABLE: table(r7="7 unit/test_a.c x")},
     "has no test 'x'"),
    ("a test that does not run",
     {TABLE: table(r5="5 unit/test_a.c nobody_runs_it")},
     "has no test 'nobody_runs_it'"),
    ("a test of another row",
     {TABLE: table(r9="9 unit/test_a.c consent_comes_first")},
     "does not say cap 9"),
    ("a check of another row",
     {TABLE: table(r68="68 e2e/1_a.sh each is counted once")},
     "does not say cap 68"),
)
