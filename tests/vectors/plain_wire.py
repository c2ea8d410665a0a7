"""A second, plain implementation of the bytes of commits and documents.

Written from sync-proto/PROTOCOL.md, sections "Bytes", "Commit" and
"Documents", for clearness only and with nothing but the standard library: what
it and the C code agree on is the protocol and not a habit of one of them.

    plain_wire.py make       prints the sample vectors (tests/vectors/wire.json)
    plain_wire.py check FILE remakes them and compares; TAP
"""
import hashlib
import json
import struct
import sys


# ---- MessagePack in canonical form ---------------------------------------

class Text(str):
    """A str value, told from a bytes value."""


def pack_uint(v):
    if v < 0x80:
        return bytes([v])
    for lead, form, top in ((0xCC, ">B", 8), (0xCD, ">H", 16),
                            (0xCE, ">I", 32), (0xCF, ">Q", 64)):
        if v < 1 << top:
            return bytes([lead]) + struct.pack(form, v)
    raise ValueError(v)


def pack_negative(v):
    if v >= -32:
        return struct.pack(">b", v)
    for lead, form, top in ((0xD0, ">b", 7), (0xD1, ">h", 15),
                            (0xD2, ">i", 31), (0xD3, ">q", 63)):
        if v >= -(1 << top):
            return bytes([lead]) + struct.pack(form, v)
    raise ValueError(v)


def pack_head(n, short, short_max, longer):
    """Head of a str, bin, array or map of n."""
    if n <= short_max:
        return bytes([short | n])
    for lead, form, top in longer:
        if n < 1 << top:
            return bytes([lead]) + struct.pack(form, n)
    raise ValueError(n)


def pack(v):
    """None, bool, int, str, bytes, list, or dict with integer keys."""
    if v is None:
        return b"\xc0"
    if v is True or v is False:
        return b"\xc3" if v else b"\xc2"
    if isinstance(v, int):
        return pack_uint(v) if v >= 0 else pack_negative(v)
    if isinstance(v, str):
        raw = v.encode("utf-8")
        return pack_head(len(raw), 0xA0, 31, (
            (0xD9, ">B", 8), (0xDA, ">H", 16), (0xDB, ">I", 32))) + raw
    if isinstance(v, bytes):
        return pack_head(len(v), 0, -1, (
            (0xC4, ">B", 8), (0xC5, ">H", 16), (0xC6, ">I", 32))) + v
    if isinstance(v, list):
        return pack_head(len(v), 0x90, 15, (
            (0xDC, ">H", 16), (0xDD, ">I", 32))) + b"".join(map(pack, v))
    if isinstance(v, dict):
        return pack_head(len(v), 0x80, 15, (
            (0xDE, ">H", 16), (0xDF, ">I", 32))) + b"".join(
                pack(k) + pack(v[k]) for k in sorted(v))
    raise TypeError(v)


# ---- Ed25519 (RFC 8032), slow and plain ----------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed_add(a, b):
    x1, y1 = a
    x2, y2 = b
    t = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P) % P)


def ed_times(n, point):
    total = (0, 1)
    while n > 0:
        if n & 1:
            total = ed_add(total, point)
        point = ed_add(point, point)
        n >>= 1
    return total


def ed_base():
    y = 4 * pow(5, P - 2, P) % P
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 else x, y)


def ed_bytes(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def ed_hash(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def ed_public(seed):
    return ed_bytes(ed_times(ed_scalar(seed), ed_base()))


def ed_scalar(seed):
    low = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return (low & ((1 << 254) - 8)) | 1 << 254


def ed_sign(seed, message):
    prefix = hashlib.sha512(seed).digest()[32:]
    r = ed_hash(prefix, message) % L
    point = ed_bytes(ed_times(r, ed_base()))
    k = ed_hash(point, ed_public(seed), message) % L
    return point + ((r + k * ed_scalar(seed)) % L).to_bytes(32, "little")


# ---- commits -------------------------------------------------------------

def blake2b(size, *parts):
    return hashlib.blake2b(b"".join(parts), digest_size=size).digest()


def contexts(commit):
    """nil, or [replicas, vectors, uses]: see PROTOCOL.md."""
    seen = [sorted(w["context"]) for c in commit["changes"]
            for w in c["writes"]]
    distinct = sorted({tuple(map(tuple, s)) for s in seen if s},
                      key=lambda v: (len(v), v))
    if not distinct:
        return None
    replicas = sorted({r for v in distinct for r, _ in v})
    vectors = [[x for r, n in v for x in (replicas.index(r), n)]
               for v in distinct]
    uses = [distinct.index(tuple(map(tuple, s))) + 1 if s else 0
            for s in seen]
    return [replicas, vectors, uses]


def key(write):
    element = write.get("element")
    if element is None:
        return write["field"]
    return [write["field"], None if element == "own" else
            bytes.fromhex(element)]


def content_bytes(commit):
    changes = []
    for c in commit["changes"]:
        writes = []
        for w in c["writes"]:
            writes.append((pack(key(w)), bytes.fromhex(w["value"])))
        head = pack([c["type"], bytes.fromhex(c["id"])])
        # an array of three: type, id, and the flat list of keys and values
        changes.append(b"\x93" + head[1:] + pack_head(
            2 * len(writes), 0x90, 15, ((0xDC, ">H", 16),)) + b"".join(
                k + v for k, v in writes))
    return (b"\x93" + pack(commit["user"])
            + pack(bytes.fromhex(commit["nonce"]))
            + pack_head(len(changes), 0x90, 15, ((0xDC, ">H", 16),))
            + b"".join(changes))


def commit_bytes(commit):
    causal = pack([commit[name] for name in (
        "n", "time", "authority", "dictionary", "policy", "roster")]
        + [contexts(commit)])
    carried = commit.get("carried")
    if carried is None:
        return b"\x92" + causal + content_bytes(commit)
    return b"\x93" + causal + content_bytes(commit) + pack([
        bytes.fromhex(carried["content"]), carried["time"],
        carried["authority"]])


def place(replica, n):
    return struct.pack(">QQ", replica, n)


def chain(prev, replica, n, encoded):
    return blake2b(32, b"satchel-commit", prev, place(replica, n), encoded)


def commit_vector(case, prev):
    encoded = commit_bytes(case["commit"])
    head = chain(prev, case["replica"], case["commit"]["n"], encoded)
    message = (b"satchel-head" + bytes.fromhex(case["org"])
               + place(case["replica"], case["commit"]["n"]) + head)
    seed = bytes.fromhex(case["seed"])
    return dict(
        case, bytes=encoded.hex(), prev=prev.hex(), hash=head.hex(),
        content=blake2b(16, b"satchel-content",
                        content_bytes(case["commit"])).hex(),
        public=ed_public(seed).hex(), signature=ed_sign(seed, message).hex())


# ---- documents -----------------------------------------------------------

def document_vector(case):
    five = b"".join(map(pack, [
        case["kind"], case["unit"], case["serial"], case["issuer"],
        bytes.fromhex(case["body"])]))
    seed = bytes.fromhex(case["seed"])
    signature = ed_sign(
        seed, b"satchel-document" + bytes.fromhex(case["org"]) + five)
    return dict(case, public=ed_public(seed).hex(),
                signature=signature.hex(),
                bytes=(b"\x96" + five + pack(signature)).hex())


# ---- the samples ---------------------------------------------------------

ORG = bytes(range(0x10, 0x20)).hex()
SEED = (b"\x07" * 32).hex()
ME = 0x0000000A5EED0001
OTHER = 0x0000000B5EED0002
RENUMBERED = 0x8123456789ABCDEF
RECORD = "0193d5f0a1b27c3d8e4f5061728394a5"
SECOND = "0193d5f0a1b37c3d8e4f5061728394a6"


def write(field, value, context=(), element=None):
    out = {"field": field, "value": pack(value).hex(),
           "context": [list(dot) for dot in sorted(context)]}
    if element is not None:
        out["element"] = element
    return out


def commit(n, changes, **other):
    out = {"n": n, "time": 0x0193D5F0A1B20001, "user": 7, "authority": 0,
           "dictionary": 1, "policy": 3, "roster": 12,
           "nonce": "0102030405060708", "changes": changes}
    out.update(other)
    return out


def change(kind, record, *writes):
    return {"type": kind, "id": record, "writes": list(writes)}


def commits():
    """Name and commit, one chain."""
    yield "edit of one field", commit(1, [change(
        1, RECORD, write(2, "Hello", [(OTHER, 41)]))])
    yield "create with ten fields", commit(2, [change(
        3, SECOND, *[write(f, "x" * f) for f in range(1, 9)],
        write(130, -5), write(300, [1, {1: None, 2: b"\x00\xff"}]))])
    yield "contexts shared and apart", commit(3, [
        change(1, RECORD,
               write(1, "张三", [(ME, 1), (OTHER, 41)]),
               write(2, None, [(ME, 1), (OTHER, 41)]),
               write(5, True),
               write(9, 1 << 40, [(RENUMBERED, 1), (OTHER, 300)])),
        change(1, SECOND, write(1, False, [(OTHER, 5)]))])
    yield "set members and a counter increment", commit(4, [change(
        2, RECORD,
        write(4, True, element="a161"),
        write(4, None, [(ME, 2)], element="a162"),
        write(6, 25, element="own"),
        write(7, 1))], user=0, authority=2)
    yield "deletion", commit(5, [change(
        1, RECORD, write(0, True, [(ME, 4), (OTHER, 41), (RENUMBERED, 1)]))])
    yield "large numbers", commit(
        6, [change(255, "ff" * 16, write(4095, "y" * 300,
                                         [(OTHER, (1 << 48) - 1)]))],
        time=(1 << 64) - 1, user=(1 << 32) - 1, authority=1,
        dictionary=(1 << 32) - 1, policy=65536, roster=256)
    yield "what a person wrote, carried by a server", commit(
        7, [change(1, SECOND, write(
            2, "Hello", [(RENUMBERED, 1)]))], authority=2,
        carried={"content": "e25dc1973540751428e67cfe8bd3a650",
                 "time": 0x0193D5F0A1B20001, "authority": 1})

def documents():
    yield {"name": "roster of a branch", "kind": 3, "unit": "B-北", "serial":
           1001, "issuer": 0, "body": pack([1, "text", {1: True}]).hex()}
    yield {"name": "dictionary without a unit", "kind": 1, "unit": "",
           "serial": 1, "issuer": 2, "body": pack("z" * 300).hex()}


def vectors():
    out = {"commits": [], "documents": []}
    prev = bytes(32)
    for name, sample in commits():
        vector = commit_vector({"name": name, "org": ORG, "seed": SEED,
                                "replica": ME, "commit": sample}, prev)
        prev = bytes.fromhex(vector["hash"])
        out["commits"].append(vector)
    for case in documents():
        out["documents"].append(
            document_vector(dict(case, org=ORG, seed=SEED)))
    return out


def text_of(value):
    """64-bit numbers go as hex text: many readers of JSON cut them."""
    if isinstance(value, dict):
        return {k: text_of(v) for k, v in value.items()}
    if isinstance(value, list):
        return [text_of(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return "0x%x" % value
    return value


def check(path):
    with open(path, encoding="utf-8") as f:
        stored = json.load(f)
    made = text_of(vectors())
    cases = [(kind, i, v) for kind in made for i, v in enumerate(made[kind])]
    print("1..%d" % (len(cases) + 1))
    failed = 0
    for number, (kind, i, vector) in enumerate(cases, 1):
        same = i < len(stored[kind]) and stored[kind][i] == vector
        failed += not same
        print("%s %d - %s" % (
            "ok" if same else "not ok", number,
            "plain_implementation_remakes " + vector["name"]))
    counts = all(len(stored[kind]) == len(made[kind]) for kind in made)
    failed += not counts
    print("%s %d - plain_implementation_remakes all and no other" % (
        "ok" if counts else "not ok", len(cases) + 1))
    return 1 if failed else 0


def main(args):
    if args[:1] == ["check"] and len(args) == 2:
        return check(args[1])
    if args == ["make"]:
        json.dump(text_of(vectors()), sys.stdout, indent=1, sort_keys=True,
                  ensure_ascii=False)
        print()
        return 0
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
