"""One record of each entity of a dictionary, with a value in each field.

    every.py DICTIONARY ACCOUNT OUT    DICTIONARY: as dictionary export writes
                                       it; ACCOUNT: id of one that is there

Writes lines for `import jsonl`, so that a fixture made of them has whatever
the dictionary has by now. Left out: what servers make themselves (trays, notes
of exports), accounts and contacts, of which the fixture has its own, computed
and retired fields, those that leave with a second person alone, and trees.
"""
import json
import re
import sys

SKIPPED = ("account", "contact", "export_job")
MARK = "01970000-0000-7000-9000-%012d"


def pieces(text, opening):
    """The groups of a list that begins at opening, at one depth."""
    depth, start, at = 0, None, opening
    while True:
        at += 1
        if text[at] == '"':
            at = text.index('"', at + 1)
        elif text[at] in "({[":
            depth += 1
            start = at if depth == 1 and text[at] == "{" else start
        elif text[at] in ")}]":
            if depth == 0:
                return
            depth -= 1
            if depth == 0 and text[at] == "}":
                yield text[start:at]


def setting(text, name):
    found = re.search(r'\b%s = "?([^";]*)"?;' % name, text)
    return found[1] if found else None


def listed(text, name):
    found = re.search(r"\b%s =\s*\(" % name, text)
    return list(pieces(text, found.end() - 1)) if found else []


def option(field):
    return re.search(r'\boptions =\s*\(\s*\(\s*\d+, "([^"]*)"', field)[1]


def value(field, number):
    kind, _, bounds = setting(field, "type").partition("(")
    low, _, high = bounds.rstrip(")").partition(",")
    if kind in ("uint", "int"):
        return str(max(int(low or 0), min(int(high or 7), 7)))
    if kind in ("str", "text"):
        return "茶=1; x"[:int(low)]
    return {"bool": "true", "phone": "+8613900000000", "date": "2026-03-04",
            "ts": "2026-03-04T05:06:07Z", "geo": "31.2304000,121.4737000,15",
            "money": "12.30 CNY", "user": "3", "territory": "t1",
            "bytes": "00ff", "ref": number.get(low, MARK % 999),
            "enum": kind == "enum" and option(field)}[kind]


def group(field, number):
    return "; ".join(
        "%s=%s" % (setting(part, "name"),
                   re.sub(r"([;=\\])", r"\\\1", value(part, number)))
        for part in listed(field, "parts"))


def fields_of(entity, number):
    for field in listed(entity, "fields"):
        head = re.sub(r"\b(parts|options) =\s*\(.*", "", field, flags=re.S)
        plain = head + " " + field
        if (setting(plain, "merge") == "DRV" or "retired = true" in field or
                "tree = true" in field or
                int(setting(plain, "sensitivity") or 0) >= 3):
            continue
        text = (group(field, number) if setting(field, "type") == "group"
                else value(field, number))
        yield setting(field, "name"), (
            [text] if setting(plain, "merge") in ("SET", "APP") else text)


def main(dictionary, account, out):
    text = re.sub(r"^\s*#.*$", "", open(dictionary, encoding="utf-8").read(),
                  flags=re.M)
    entities = [e for e in listed(text, "entities")
                if setting(e, "name") not in SKIPPED and
                not re.search(r"\btray =", e)]
    number = {setting(e, "name"): MARK % i for i, e in enumerate(entities, 1)}
    number["account"] = account
    with open(out, "w", encoding="utf-8") as file:
        for entity in entities:
            name = setting(entity, "name")
            file.write(json.dumps(
                {"type": name, "id": number[name],
                 "fields": dict(fields_of(entity, number))},
                ensure_ascii=False) + "\n")


main(*sys.argv[1:])
