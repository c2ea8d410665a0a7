"""The Chinese of what the server's programs say: from zh.po to a C table.

    catalogue.py zh.po OUT.c

Entries are msgid "English" and msgstr "Chinese"; texts may go on in further
quoted lines. %<PRIu64> stands for the macro, as in gettext. A translation has
the conversions of its original, in their order.
"""
import re
import sys

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"$')
CONVERSION = re.compile(r"%(?:<\w+>|[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?"
                        r"(?:hh|h|ll|l|z|j)?[a-zA-Z%])")


def conversions(text):
    return CONVERSION.findall(text)


def read(text):
    """Pairs in order; ValueError names the line."""
    entries, here = [], None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            here = None
            continue
        word, _, rest = line.partition(" ")
        if word == "msgid":
            entries.append(["", ""])
            here = 0
        elif word == "msgstr" and entries:
            here = 1
        elif word.startswith('"') and here is not None:
            rest = line
        else:
            raise ValueError(f"line {number}: neither msgid nor msgstr")
        quoted = QUOTED.match(rest)
        if not quoted:
            raise ValueError(f"line {number}: write the text in quotes")
        entries[-1][here] += quoted[1]
    return [tuple(e) for e in entries]


def problems(entries):
    seen = set()
    for en, zh in entries:
        if en in seen:
            yield f'"{en}" stands twice'
        if not zh:
            yield f'"{en}" has no translation'
        if conversions(en) != conversions(zh):
            yield f'"{zh}" has not the conversions of "{en}"'
        seen.add(en)


def literal(text):
    return '"' + re.sub(r"%<(\w+)>", r'%" \1 "', text) + '"'


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = read(file.read())
    found = list(problems(entries))
    if found:
        sys.exit(f"{sys.argv[1]}: " + "; ".join(found))
    rows = "".join(f"    {{ {literal(en)}, {literal(zh)} }},\n"
                   for en, zh in entries)
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.write('#include "ops/say.h"\n\n#include <inttypes.h>\n#include <stddef.h>\n\n'
                  "const struct cc_words sv_say_table[] = {\n" + rows +
                  "    { NULL, NULL }\n};\n")


if __name__ == "__main__":
    main()
