"""What the programs say to people stands in both languages.

Each catalogue has the texts of one room: the functions below take them in
English, and its zh.po has the Chinese of each.
"""
import importlib.util
import os
import re

SENTENCE = "what the library and the server say to people has its Chinese"

MAKER = "client-core/say/catalogue.py"
CALL = re.compile(r"\b(\w+)\s*\(")
TOKEN = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\b(PRI[a-zA-Z0-9]+)\b|([(){}\[\],?:])')
LETTERS = re.compile(r"[A-Za-z]{2}")


class Room:
    """One catalogue.
        po     its file                 below  the folder that it is for
        say    function -> which of its arguments people read
        say_in the same of functions of one file: (path, function)
        lists  functions whose text is cut at commas: names of columns, of
               which those in inside are keys that no person reads
        rows   path -> rows of a table, with the text behind `help`
        plain  (function, argument): where a text may not stand by itself
    """

    def __init__(self, po, below, say, say_in=None, lists=(), inside=(),
                 rows=None, plain=()):
        self.po, self.below, self.say = po, below, say
        self.say_in, self.lists = say_in or {}, lists
        self.inside, self.rows, self.plain = inside, rows or {}, plain


SERVER = Room(
    "server/ops/zh.po", "server/",
    say={
        "sv_say": (0,), "SV_SAY": (0,), "sv_call_refuse": (2,),
        "sv_call_line": (1,), "sv_call_columns": (1,), "sv_call_set": (1,),
        "sv_conf_fail": (2,), "sv_conf_word": (2,), "sv_make_refuse": (2,),
        "sv_org_head_office_only": (1,), "sv_say_note": (2,)
    },
    say_in={
        ("server/policy/conf.c", "fail_file"): (2,),
        ("server/ctl/care_check.c", "fail"): (2,),
        ("server/ctl/csv.c", "refuse"): (4,),
        ("server/ctl/csv.c", "say"): (3,),
        ("server/ctl/do_handover.c", "refuse"): (2,),
        ("server/ctl/import.c", "refuse"): (4,),
        ("server/ctl/line.c", "sv_line_bad"): (2,),
        ("server/ctl/lines.c", "sv_line_bad"): (2,),
    },
    lists=("sv_call_columns",),
    inside={"columns", "body", "refused_csv", "remarks", "tables"},
    rows={
        "server/config/config.c":
            re.compile(r'AT\(\w+\),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', re.M),
        "server/ctl/table.c":
            re.compile(r'^    \{ "(?:[^"\\]|\\.)*", (?:"(?:[^"\\]|\\.)*"|NULL),'
                       r' "((?:[^"\\]|\\.)*)"', re.M),
    })
DEVICE = Room(
    "client-core/say/zh.po", "client-core/",
    say={
        "cc_say": (0,), "CC_SAY": (0,), "cc_call_say": (2,),
        "cc_say_note": (2,),
    },
    say_in={("client-core/store/lmdb_env.c", "say"): (2,)},
    plain=(("cc_fail_set", 2),))
ROOMS = (SERVER, DEVICE)
# A note or detail that is printed into goes through the catalogue.
ROUND = re.compile(r"\bv?snprintf\(\s*\(?(?:\w+->|\w+\.)*(?:note|detail)\b")


def catalogue_module(root):
    spec = importlib.util.spec_from_file_location(
        "catalogue", os.path.join(root, MAKER))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arguments(text, start):
    """Texts in each argument of the call whose bracket opens before start;
    pieces that stand side by side are one text. With each, whether it is the
    argument's own and no argument of a further call."""
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
            found[-1][-1][0] += piece
        else:
            found[-1].append([piece, depth == 1])
        last = token.end()
    return found


def said(room, path, text):
    text = text.replace("\\\n", "\n")
    for call in CALL.finditer(text):
        places = room.say.get(call[1]) or room.say_in.get((path, call[1]))
        if not places:
            continue
        given = arguments(text, call.end())
        for place in places:
            for one, _ in given[place] if place < len(given) else ():
                if call[1] in room.lists:
                    yield from one.split(",")
                else:
                    yield one


def wanted(room, tree):
    for path, text in tree.ending(".c"):
        if path.startswith(room.below):
            for one in said(room, path, text):
                yield path, one
            for one in room.rows[path].findall(text) if path in room.rows else ():
                yield path, re.sub(r'"\s+"', "", one).strip().strip('"')


def needed(one):
    return LETTERS.search(re.sub(r"%<\w+>|%[-+ #0-9.*]*[hljz]*[a-zA-Z]", "", one))


def goes_round(room, tree):
    """Texts that reach people without the catalogue."""
    for path, text in tree.ending(".c"):
        if not path.startswith(room.below):
            continue
        for call in CALL.finditer(text):
            for name, place in room.plain:
                given = arguments(text, call.end()) if call[1] == name else []
                for one, own in given[place] if place < len(given) else ():
                    if own and needed(one):
                        yield f'{path}: "{one}" does not go through the catalogue'
        for printed in ROUND.finditer(text):
            given = arguments(text, text.index("(", printed.start()) + 1)
            for one in sum(given, []):
                if one[1] and needed(one[0]):
                    yield (f'{path}: "{one[0]}" does not go through the '
                           "catalogue")


def check_room(room, tree, module):
    text = dict(tree.ending(".po")).get(room.po)
    if text is None:
        return [f"{room.po} is missing"]
    entries = module.read(text)
    known = {en for en, _ in entries}
    all_said = [w for w in wanted(room, tree) if w[1] not in room.inside]
    missing = dict((one, path) for path, one in all_said
                   if one not in known and needed(one))
    return ([f'{path}: "{one}" is not in {room.po}'
             for one, path in missing.items()] +
            [f"{room.po}: {p}" for p in module.problems(entries)] +
            [f'{room.po}: nobody says "{en}"'
             for en in sorted(known - {one for _, one in all_said})] +
            list(goes_round(room, tree)))


def check(tree):
    module = catalogue_module(tree.root)
    return sum((check_room(room, tree, module) for room in ROOMS), [])


CLEAN = {
    SERVER.po: 'msgid "%<PRIu64> rows"\nmsgstr "%<PRIu64> 行"\n\n'
               'msgid "ab,"\n"cd"\nmsgstr "甲"\n',
    "server/ctl/x.c": 'sv_call_line(c, "%" PRIu64 " rows", n);\n'
                      'puts(sv_say(x ? "ab,"\n"cd" : "%s"));\n',
    DEVICE.po: 'msgid "gone: %s"\nmsgstr "没有：%s"\n',
    "client-core/api/x.c": 'cc_call_say(c, e, "gone: %s", name);\n'
                           'cc_fail_set(e, err, f("a b") ? note : "");\n'
                           'snprintf(note, 9, "%s/%s", dir, name);\n',
}
PLANTED = (
    ("a text of the server without Chinese",
     {"server/ctl/y.c": 'sv_call_refuse(c, e, "gone (%s)", f(a, "x y"));\n'},
     'y.c: "gone (%s)" is not in'),
    ("a help text without Chinese",
     {"server/ctl/table.c": '    { "user add", "LOGIN", "a person", none },\n'},
     '"a person" is not in'),
    ("a text of the library without Chinese",
     {"client-core/keys/y.c": 'cc_say_note(note, 9, x ? "lost" : "%s", y);\n'},
     'y.c: "lost" is not in client-core'),
    ("a translation that nobody needs",
     {SERVER.po: CLEAN[SERVER.po] + '\nmsgid "old"\nmsgstr "旧"\n'},
     'nobody says "old"'),
    ("a translation with another conversion",
     {DEVICE.po: CLEAN[DEVICE.po].replace("没有：%s", "没有：%d")},
     "has not the conversions"),
    ("a translation at the wrong place",
     {"server/ctl/y.c": 'sv_say("aa");\n',
      SERVER.po: CLEAN[SERVER.po] + '\nmsgid "aa"\nmsgstr "乙"\n'},
     '"aa" is not in its place'),
    ("a detail that goes round the catalogue",
     {"client-core/api/y.c": 'cc_fail_set(e, err, x ? "" : "no memory");\n'},
     '"no memory" does not go through'),
    ("a note that goes round the catalogue",
     {"client-core/keys/y.c": '(void)snprintf(t->note, 9, "is here");\n'},
     '"is here" does not go through'),
)
