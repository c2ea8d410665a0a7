"""What the server's programs say to people stands in both languages."""
import importlib.util
import os
import re

SENTENCE = "what the server says to people has its Chinese"

CATALOGUE = "server/ops/zh.po"
# Function -> which of its arguments people read.
SAY = {
    "sv_say": (0,), "SV_SAY": (0,), "sv_call_refuse": (2,),
    "sv_call_line": (1,), "sv_call_columns": (1,), "sv_call_set": (1,),
    "sv_conf_fail": (2,), "sv_conf_word": (2,), "sv_make_refuse": (2,),
    "sv_org_head_office_only": (1,)
}
# Keys of a result that are no line for people.
INSIDE = {"columns", "rows", "body", "refused_csv"}
# Functions of one file.
SAY_IN = {
    ("server/policy/conf.c", "fail_file"): (2,),
    ("server/ctl/care_check.c", "fail"): (2,),
    ("server/ctl/csv.c", "refuse"): (4,),
    ("server/ctl/csv.c", "say"): (3,),
    ("server/ctl/do_handover.c", "refuse"): (2,),
    ("server/ctl/import.c", "refuse"): (4,),
    ("server/ctl/lines.c", "bad"): (2,),
}
CALL = re.compile(r"\b(\w+)\s*\(")
TOKEN = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\b(PRI[a-zA-Z0-9]+)\b|([(){}\[\],?:])')
# Rows of the tables of commands and settings: what stands behind `help`.
ROWS = {
    "server/config/config.c":
        re.compile(r'AT\(\w+\),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', re.M),
    "server/ctl/table.c":
        re.compile(r'^    \{ "(?:[^"\\]|\\.)*", (?:"(?:[^"\\]|\\.)*"|NULL), '
                   r'"((?:[^"\\]|\\.)*)"', re.M),
}


def catalogue_module(root):
    spec = importlib.util.spec_from_file_location(
        "catalogue", os.path.join(root, "server/ops/catalogue.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arguments(text, start):
    """Texts in each argument of the call whose bracket opens before start;
    pieces that stand side by side are one text."""
    depth, found, last = 1, [[]], None
    for token in TOKEN.finditer(text, start):
        quoted, macro, sign = token.groups()
        if sign:
            last = None
            depth += sign in "([{"
            depth -= sign in ")]}"
            if depth == 0:
                return found
            if sign == "," and depth == 1:
                found.append([])
            continue
        piece = quoted if macro is None else f"<{macro}>"
        if last is not None and not text[last:token.start()].strip():
            found[-1][-1] += piece
        else:
            found[-1].append(piece)
        last = token.end()
    return found


def said(path, text):
    text = text.replace("\\\n", "\n")
    for call in CALL.finditer(text):
        places = SAY.get(call[1]) or SAY_IN.get((path, call[1]))
        if not places:
            continue
        given = arguments(text, call.end())
        for place in places:
            for one in given[place] if place < len(given) else ():
                if call[1] == "sv_call_columns":
                    yield from one.split(",")
                elif re.search(r"[A-Za-z]{2}", one.replace("%s", "")):
                    yield one


def wanted(tree):
    for path, text in tree.ending(".c"):
        if path.startswith("server/"):
            for one in said(path, text):
                yield path, one
            for one in ROWS[path].findall(text) if path in ROWS else ():
                yield path, re.sub(r'"\s+"', "", one).strip().strip('"')


def check(tree):
    text = dict(tree.ending(".po")).get(CATALOGUE)
    if text is None:
        return [f"{CATALOGUE} is missing"]
    module = catalogue_module(tree.root)
    entries = module.read(text)
    known = {en for en, _ in entries}
    needed = [w for w in wanted(tree) if w[1] not in INSIDE]
    missing = dict((one, path) for path, one in needed if one not in known)
    return ([f'{path}: "{one}" is not in {CATALOGUE}'
             for one, path in missing.items()] +
            [f"{CATALOGUE}: {p}" for p in module.problems(entries)] +
            [f'{CATALOGUE}: nobody says "{en}"'
             for en in sorted(known - {one for _, one in needed})])


CLEAN = {
    CATALOGUE: 'msgid "%<PRIu64> rows"\nmsgstr "%<PRIu64> 行"\n\n'
               'msgid "ab,"\n"cd"\nmsgstr "甲"\n',
    "server/ctl/x.c": 'sv_call_line(c, "%" PRIu64 " rows", n);\n'
                      'puts(sv_say(x ? "ab,"\n"cd" : "%s"));\n',
}
PLANTED = (
    ("a text without Chinese",
     {"server/ctl/y.c": 'sv_call_refuse(c, e, "gone (%s)", f(a, "x y"));\n'},
     'y.c: "gone (%s)" is not in'),
    ("a help text without Chinese",
     {"server/ctl/table.c": '    { "user add", "LOGIN", "a person", none },\n'},
     '"a person" is not in'),
    ("a translation that nobody needs",
     {CATALOGUE: CLEAN[CATALOGUE] + 'msgid "old"\nmsgstr "旧"\n'},
     'nobody says "old"'),
    ("a translation with another conversion",
     {CATALOGUE: CLEAN[CATALOGUE].replace("%<PRIu64> 行", "%s 行")},
     "has not the conversions"),
)
