"""Makes the tables of book/han.h from the Unihan database.

    han.py UNIHAN_DIRECTORY OUT.c

Of a character: its readings in Mandarin that are in use today, without tones,
the most usual one first; the character that it is folded to; its strokes. A
table is in two steps: which block of 16, and the block; equal blocks stand
once.
"""
import bz2
import collections
import os
import re
import sys
import unicodedata

LAST = 0x33FFF
BLOCK = 16  # CC_HAN_TABLE_BLOCK
READINGS_MAX = 8  # CC_HAN_READINGS_MAX
# Modern dictionaries, best first; the old one counts where these are silent.
IN_USE = ("kTGHZ2013", "kHanyuPinlu")
ELSE = ("kXHC1983", "kHanyuPinyin")
# Of a character that no dictionary reads: what it stands for or looks like.
LIKE = ("kSemanticVariant", "kZVariant", "kSpoofingVariant")


def read(directory, name, wanted):
    """{code point: {property: value}} of the wanted properties."""
    out = collections.defaultdict(dict)
    path = os.path.join(directory, f"Unihan_{name}.txt.bz2")
    with bz2.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] in wanted:
                out[int(parts[0][2:], 16)][parts[1]] = parts[2]
    return out


def toneless(text):
    """A syllable in ASCII, with v for u with two dots."""
    out = ""
    for c in unicodedata.normalize("NFD", text):
        if c == "\u0308":
            out = out[:-1] + "v"
        elif not unicodedata.combining(c):
            out += c.lower()
    return out


def syllables(text):
    """Those of one property, "10028.100:zhōng,zhòng" or "zhōng(4875)"."""
    found = []
    for part in text.split():
        part = re.sub(r"\(\d+\)", "", part.rsplit(":", 1)[-1])
        found += [toneless(s) for s in part.split(",")]
    return [s for s in found if re.fullmatch("[a-z]{1,6}", s)]


def readings(properties):
    found = syllables(properties.get("kMandarin", "").split(" ")[0])
    modern = [p for p in IN_USE if p in properties]
    for p in modern or [p for p in ELSE if p in properties][:1]:
        found += syllables(properties[p])
    return list(dict.fromkeys(found))[:READINGS_MAX]


def code_points(text):
    return [int(p[2:].split("<")[0], 16) for p in text.split()]


def folds(variants, common, said):
    """Traditional to simplified. Never to a character that takes more bytes:
    then the other way round.

    A character that is itself a simplified one too is folded when it sounds
    the same; so is another form of such a one that the mainland does not use.
    """
    simple = collections.defaultdict(list)
    for c, p in sorted(variants.items()):
        simple[c] += code_points(p.get("kSimplifiedVariant", ""))
        for t in code_points(p.get("kTraditionalVariant", "")):
            simple[t].append(c)

    def sounds_like(a, b):
        return said.get(a, [""])[0] == said.get(b, ["-"])[0]

    out = {}
    for c, targets in simple.items():
        others = [t for t in targets if t != c]
        if others and (c not in targets or (c not in common and
                                            sounds_like(c, others[0]))):
            c, to = (others[0], c) if c <= 0xffff < others[0] else (
                c, others[0])
            out.setdefault(c, to)
    for c, p in sorted(variants.items()):
        for t in code_points(p.get("kSemanticVariant", "")):
            if c not in out and c not in common and out.get(t) in common and (
                    sounds_like(c, out[t])):
                out[c] = out[t]
    # Whoever is folded to leads nowhere else: one step is enough.
    for c in sorted(out):
        seen = {c}
        while out[c] in out and out[out[c]] not in seen:
            seen.add(out[c])
            out[c] = out[out[c]]
    return {c: to for c, to in out.items() if c != to and to not in out}


def read_alike(said, variants):
    """Readings of those that have none."""
    for c, p in sorted(variants.items()):
        for kind in LIKE:
            for t in code_points(p.get(kind, "")):
                if c not in said and t in said:
                    said[c] = said[t]


def write_array(f, kind, name, values):
    f.write(f"const {kind} {name}[{len(values)}] = {{\n")
    for i in range(0, len(values), 16):
        f.write("    " + ", ".join(map(str, values[i:i + 16])) + ",\n")
    f.write("};\n")


def write_table(f, kind, name, values):
    """values: {code point: number}; 0 stands for none."""
    blocks, places = {}, []
    for at in range(0, LAST + 1, BLOCK):
        block = tuple(values.get(c, 0) for c in range(at, at + BLOCK))
        places.append(blocks.setdefault(block, len(blocks)))
    write_array(f, "uint16_t", name + "_place", places)
    write_array(f, kind, name + "_block", [v for b in blocks for v in b])


def main(directory, path):
    found = read(directory, "Readings", ("kMandarin",) + IN_USE + ELSE)
    variants = read(directory, "Variants",
                    ("kSimplifiedVariant", "kTraditionalVariant") + LIKE)
    common = read(directory, "OtherMappings", ("kGB0",))
    strokes = read(directory, "IRGSources", ("kTotalStrokes",))
    said = {c: readings(p) for c, p in found.items()}
    said = {c: list_ for c, list_ in said.items() if list_}
    fold = folds(variants, common, said)
    read_alike(said, variants)
    # Who knows a character in one form reads it so in the other.
    for c, p in variants.items():
        both = list(said.get(c, []))
        for t in code_points(p.get("kSimplifiedVariant", "")):
            both += said.get(t, [])
        if both:
            said[c] = list(dict.fromkeys(both))[:READINGS_MAX]
    names = sorted({s for list_ in said.values() for s in list_})
    number = {s: i for i, s in enumerate(names)}
    sets, pool, where = {}, [0], {}
    for c, list_ in sorted(said.items()):
        key = tuple(number[s] for s in list_)
        if key and key not in sets:
            sets[key] = len(pool)
            pool += [len(key), *key]
        if key:
            where[c] = sets[key]
    targets = sorted(set(fold.values()))
    index = {c: i + 1 for i, c in enumerate(targets)}
    with open(path, "w", encoding="ascii") as f:
        f.write("/* Made by han.py. */\n#include \"book/han_table.h\"\n\n")
        f.write(f"const size_t cc_han_table_syllables = {len(names)};\n")
        f.write(f"const char cc_han_table_syllable[{len(names)}][7] = {{\n")
        f.write("".join(f'    "{s}",\n' for s in names) + "};\n")
        write_array(f, "uint16_t", "cc_han_table_set", pool)
        write_table(f, "uint16_t", "cc_han_table_reading", where)
        write_array(f, "uint32_t", "cc_han_table_target", [0, *targets])
        write_table(f, "uint16_t", "cc_han_table_fold",
                    {c: index[to] for c, to in fold.items()})
        write_table(f, "uint8_t", "cc_han_table_stroke",
                    {c: min(255, int(p["kTotalStrokes"].split()[0]))
                     for c, p in strokes.items()})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
