"""The Chinese of what the programs say: from zh.po to a C table.

    catalogue.py zh.po OUT.c NAME HEADER   the table NAME, which HEADER declares
    catalogue.py --sort zh.po              puts the entries into their order

Entries are msgid "English" and msgstr "Chinese"; texts may go on in further
quoted lines; comments stand before their entry. %<PRIu64> stands for the
macro, as in gettext. A translation has the conversions of its original, in
their order. Entries stand in the order of the English, byte by byte: so two
people who add some seldom write at the same place.
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


def place(english):
    return english.encode("utf-8")


def problems(entries):
    seen, last = set(), b""
    for en, zh in entries:
        if en in seen:
            yield f'"{en}" stands twice'
        if not zh:
            yield f'"{en}" has no translation'
        if conversions(en) != conversions(zh):
            yield f'"{zh}" has not the conversions of "{en}"'
        if place(en) < last:
            yield f'"{en}" is not in its place; catalogue.py --sort puts it there'
        seen.add(en)
        last = place(en)


def in_order(text):
    """The same text with its entries, and the comments before them, in
    order; what stands above the first empty line stays at the head."""
    head, *blocks = re.split(r"\n\s*\n", text.strip())
    if "msgid" in head:
        head, blocks = None, [head] + blocks
    blocks.sort(key=lambda block: place(read(block)[0][0]))
    return "\n\n".join(([head] if head else []) + blocks) + "\n"


def literal(text):
    return '"' + re.sub(r"%<(\w+)>", r'%" \1 "', text) + '"'


def load(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def table(entries, name, header):
    rows = "".join(f"    {{ {literal(en)}, {literal(zh)} }},\n"
                   for en, zh in entries)
    return (f'#include "{header}"\n\n#include <inttypes.h>\n'
            "#include <stddef.h>\n\n"
            f"const struct cc_words {name}[] = {{\n{rows}"
            "    { NULL, NULL }\n};\n")


def main(arguments):
    if arguments[0] == "--sort":
        text = in_order(load(arguments[1]))
        with open(arguments[1], "w", encoding="utf-8") as out:
            out.write(text)
        return
    source, target, name, header = arguments
    entries = read(load(source))
    found = list(problems(entries))
    if found:
        sys.exit(f"{source}: " + "; ".join(found))
    with open(target, "w", encoding="utf-8") as out:
        out.write(table(entries, name, header))


if __name__ == "__main__":
    main(sys.argv[1:])
