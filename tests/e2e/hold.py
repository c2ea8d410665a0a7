#!/usr/bin/env python3
"""What must hold of the stores' contents; says what does not and ends with 1.

    hold.py refused LIST EXPECTED     the import's list of refused rows names
                                      these lines, each with what to do
    hold.py counts FILE ACCOUNTS CONTACTS VISITS NOTES
    hold.py union WHOLE PART...       WHOLE holds what the PARTs hold together,
                                      value by value, and nothing else
    hold.py exactly WHOLE PART TERRITORIES [HIDDEN]
                                      PART holds of WHOLE what belongs to these
                                      territories, but nothing of the fields
                                      HIDDEN (TYPE.FIELD,...); and no name of another
                                      account, no id of one in any entry
    hold.py swapped WHOLE PART TERRITORIES IDS TRAY
                                      PART holds of WHOLE what belongs to these
                                      territories, so many refusals, and beyond
                                      that only records of the file IDS
    hold.py made FILE IDS             every record of the file IDS is there
    hold.py same A B                  equal values
    hold.py siblings FILE IDS         on these accounts the phone number has
                                      two values, on no other one
    hold.py clear SECRETS DIR         no line of SECRETS in a file below DIR
    hold.py conflicts JSON EXPECTED   `satchel conflicts --json` against lines
                                      TITLE, VALUE, AUTHOR, VALUE, AUTHOR

FILE, WHOLE, PART: values of records as look_into leaves them; beside each one
FILE.entries with every entry of the store.
"""
import collections
import csv
import json
import pathlib
import sys

ACCOUNT, CONTACT, VISIT, NOTE, TRAY = "1", "2", "3", "4", "240"
EXPORT = "242"  # who took out what at head office is noted there alone
NAME, PHONE, TERRITORY = "2", "10", "12"
PARENT = "1"  # field of contact, visit and note: the account's id

Value = collections.namedtuple(
    "Value", "type id field element replica n user time value")


def load(path):
    with open(path, encoding="ascii") as file:
        return [Value(*line.rstrip("\n").split("\t")) for line in file]


def text(value):
    """Of a MessagePack string or bytes, in hex."""
    raw = bytes.fromhex(value)
    head = {0xd9: 2, 0xda: 3, 0xc4: 2, 0xc5: 3}.get(raw[0], 1)
    return raw[head:]


def records(values):
    return {(v.type, v.id) for v in values}


def accounts(values):
    """Account id -> (name, territory)."""
    names, places = {}, {}
    for v in values:
        if v.type == ACCOUNT and v.field == NAME:
            names[v.id] = text(v.value)
        if v.type == ACCOUNT and v.field == TERRITORY:
            places[v.id] = text(v.value).decode()
    return {i: (names.get(i, b""), p) for i, p in places.items()}


def account_of(values):
    """Record -> id of its account."""
    of = {}
    for v in values:
        if v.type == ACCOUNT:
            of[(v.type, v.id)] = v.id
        elif v.field == PARENT:
            of[(v.type, v.id)] = text(v.value).hex()
    return of


def complain(what, things, shown=5):
    things = sorted(map(str, things))
    if things:
        print(f"{what}: {len(things)}")
        for thing in things[:shown]:
            print("   ", thing)
    return len(things)


def refused(path, expected):
    with open(path, encoding="utf-8-sig", newline="") as file:
        found = {int(r[0]): r[3] for r in list(csv.reader(file))[1:]}
    need = {int(line.split("\t")[0])
            for line in open(expected, encoding="utf-8")}
    return complain("not listed", need - found.keys()) + \
        complain("listed, but good", found.keys() - need) + \
        complain("does not say what to do",
                 [v for v in found.values() if "double quotes" not in v])


def counts(path, *wanted):
    kinds = collections.Counter(t for t, _ in records(load(path)))
    found = [kinds[t] for t in (ACCOUNT, CONTACT, VISIT, NOTE)]
    print("accounts, contacts, visits, notes:", found)
    return found != [int(w) for w in wanted]


def union(whole, *parts):
    have = {v for v in load(whole) if v.type != EXPORT}
    need = set()
    for part in parts:
        need |= set(load(part))
    print(len(have), "values")
    return complain("missing", need - have) + complain("more", have - need)


def exactly(whole, part, territories, hidden=""):
    every, have = load(whole), load(part)
    mine, unseen = set(territories.split(",")), set(hidden.split(","))
    known, of = accounts(every), account_of(every)
    inside = {a for a, (_, place) in known.items() if place in mine}
    need = {v for v in every if of[(v.type, v.id)] in inside and
            f"{v.type}.{v.field}" not in unseen}
    wrong = complain("missing", need - set(have))
    wrong += complain("of others", set(have) - need)
    # Not only in records: in no entry of any table.
    keys, values = [], []
    for line in open(part + ".entries", encoding="ascii"):
        _, key, value = line.rstrip("\n").split("\t")
        keys.append(key)
        values.append(value)
    everything = "\n".join(keys) + "\n" + "\n".join(values)
    outside = [a for a in known if a not in inside]
    own = b"\n".join(known[a][0] for a in inside)
    wrong += complain("names of others in some entry", [
        known[a][0].decode() for a in outside
        if known[a][0] not in own and known[a][0].hex() in everything])
    wrong += complain("ids of others in some entry",
                      [a for a in outside if a in everything])
    print(len(inside), "accounts inside,", len(outside), "outside")
    return wrong or not inside


def ids_of(path):
    return {line.strip().replace("-", "")
            for line in open(path, encoding="ascii")}


def swapped(whole, part, territories, own, tray):
    """Fields that a role may not read are no matter here: records count."""
    every, have = load(whole), load(part)
    mine, kept = set(territories.split(",")), ids_of(own)
    known, of = accounts(every), account_of(every)
    inside = {a for a, (_, place) in known.items() if place in mine}
    need = {r for r in records(every) if of.get(r) in inside}
    found = {r for r in records(have) if r[0] != TRAY}
    refusals = records(have) - found
    print(len(need), "records of", len(inside), "accounts,", len(refusals),
          "refusals")
    wrong = complain("missing", need - found)
    wrong += complain("of others", {r for r in found - need
                                    if r[1] not in kept})
    wrong += complain("values that nobody accepted",
                      {v for v in have if (v.type, v.id) in need} - set(every))
    return wrong or not inside or len(refusals) != int(tray)


def made(path, ids):
    have = {i for _, i in records(load(path))}
    need = {line.strip().replace("-", "")
            for line in open(ids, encoding="ascii")}
    print(len(need), "records")
    return complain("lost", need - have) or not need


def same(a, b):
    a, b = set(load(a)), set(load(b))
    return complain("only in the first", a - b) + \
        complain("only in the second", b - a) or not a


def siblings(path, ids):
    count = collections.Counter(
        v.id for v in load(path) if v.type == ACCOUNT and v.field == PHONE)
    twice = {i for i, n in count.items() if n == 2}
    need = {line.strip().replace("-", "")
            for line in open(ids, encoding="ascii")}
    return complain("settled by nobody, yet one value", need - twice) + \
        complain("two values", twice - need) + \
        complain("more than two", [i for i, n in count.items() if n > 2])


# Shorter ones turn up in what is encrypted, by chance.
CLEAR_BYTES_MIN = 6


def clear(secrets, folder):
    needles = []
    for line in open(secrets, encoding="utf-8"):
        word = line.rstrip("\n")
        for code in ("utf-8", "utf-16-le", "utf-16-be"):
            if len(word.encode(code)) >= CLEAR_BYTES_MIN:
                needles.append((word, code, word.encode(code)))
    found, files, size = [], 0, 0
    for path in pathlib.Path(folder).rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        files += 1
        size += len(data)
        found += [f"{word} ({code}) in {path}"
                  for word, code, needle in needles if needle in data]
    print(files, "files,", size, "bytes,", len(needles), "needles")
    return complain("in clear text", found) or not files


def conflicts(path, expected):
    found = set()
    for c in json.load(open(path, encoding="utf-8"))["conflicts"]:
        values = sorted((v["text"], v["author"]) for v in
                        c["field"]["values"] if v["time_ms"] > 0)
        found.add((c["title"], c["name"]) + tuple(values))
    need = set()
    for line in open(expected, encoding="utf-8"):
        title, *rest = line.rstrip("\n").split("\t")
        pairs = sorted(zip(rest[::2], rest[1::2]))
        need.add((title, "phone_main") + tuple(pairs))
    print(len(need), "conflicts")
    return complain("not shown", need - found) + \
        complain("shown, but none", found - need) or not need


def main():
    name = sys.argv[1]
    tests = {f.__name__: f for f in (
        refused, counts, union, exactly, swapped, made, same, siblings, clear,
        conflicts)}
    sys.exit(1 if tests[name](*sys.argv[2:]) else 0)


if __name__ == "__main__":
    main()
