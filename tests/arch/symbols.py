"""What object files define and need.

The pure room needs next to nothing of its surroundings, and a file x.c
exports names with its room's prefix: sp_x_..., or what a header x.h declares.
"""
import json
import os
import re
import subprocess

SENTENCE = "objects need and export only what they may"

# Pure ones.
LIBRARIES = ("sync-proto/libsatchel-proto.a", "client-core/libsatchel-book.a")
# Needed by any file of them, beside each other.
ALLOWED = re.compile(
    r"""mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|spn|cspn|str)
    |strtoll|snprintf|vsnprintf|qsort|bsearch|__stack_chk_fail|abort
    |_GLOBAL_OFFSET_TABLE_|__errno_location
    |sodium_(memcmp|memzero|is_zero|compare|increment|add|sub|init|pad|unpad
      |bin2hex|hex2bin|bin2base64|base642bin)
    |crypto_\w+|msgpack_\w+|ZSTD_\w+""", re.X)
# Randomness is an argument, so nothing that draws its own.
DRAWS = re.compile(r"crypto_\w*(_keygen|(?<!_seed)_keypair)|randombytes\w*")
# Memory comes from one file, which also says which assertion failed.
ALLOWED_IN = {
    "bytes.c": re.compile(
        r"malloc|calloc|realloc|free|fprintf|fputs|fwrite|fflush|stderr"),
    # utf8proc takes what it returns itself.
    "nfc.c": re.compile(r"utf8proc_map|free"),
}

PREFIXES = (("sync-proto/", ("sp_",)), ("client-core/", ("cc_",)),
            ("server/", ("sv_",)))
MAINS = {"main.c", "satcheld.c", "satchelctl.c", "satchel.c"}


def stems(path):
    """Words for which a file may speak; link_push.c belongs to link.c."""
    stem = path.rsplit("/", 1)[1][:-len(".c")]
    return {stem, stem.split("_")[0]}


def declared(tree, path, symbol):
    """Whether the header of the same name announces it: a small family of
    types (bytes.h: slice, buf, arena) may share one."""
    room = path.split("/")[0] + "/"
    names = {stem + ".h" for stem in stems(path)}
    word = re.compile(r"\b" + re.escape(symbol) + r"\(")
    return any(
        header.startswith(room) and header.rsplit("/", 1)[-1] in names and
        word.search(text) for header, text in tree.ending(".h"))


def allowed(tree, path, symbol):
    if symbol == "main":
        return path.rsplit("/", 1)[1] in MAINS
    if path.startswith("client-core/api/") and symbol.startswith("satchel_"):
        return True
    for room, prefixes in PREFIXES:
        if path.startswith(room):
            if not symbol.startswith(prefixes):
                return False
            return declared(tree, path, symbol) or any(
                symbol == p + w or symbol.startswith(p + w + "_")
                for p in prefixes for w in stems(path))
    return True


def check_exports(tree, exports):
    """exports: pairs (source path, symbol)."""
    return [
        f"{path}: exports {symbol}" for path, symbol in exports
        if not allowed(tree, path, symbol)
    ]


def check_needs(needs):
    """needs: pairs (source file name, symbol) of the pure libraries."""
    findings = []
    for source, symbol in needs:
        extra = ALLOWED_IN.get(source)
        if DRAWS.fullmatch(symbol):
            findings.append(f"{source}: {symbol} draws randomness of its own")
        elif not ALLOWED.fullmatch(symbol) and not (
                extra and extra.fullmatch(symbol)):
            findings.append(f"{source}: needs {symbol}")
    return findings


def nm(arguments):
    out = subprocess.run(["nm", "-P", "-A"] + arguments, check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        where, _, rest = line.partition(": ")
        fields = rest.split()
        if len(fields) >= 2:
            yield where, fields[0], fields[1]


def read_needs(build):
    rows = [row for library in LIBRARIES
            for row in nm([os.path.join(build, library)])]
    defined = {name for _, name, kind in rows if kind not in "Uw"}
    for where, name, kind in rows:
        member = where[where.rindex("[") + 1:where.rindex("]")]
        if kind in "Uw" and name not in defined:
            yield re.sub(r"(.*_)?(\w+\.c)\.o$", r"\2", member), name


def read_exports(root, build):
    with open(os.path.join(build, "compile_commands.json"),
              encoding="utf-8") as f:
        commands = json.load(f)
    objects = {}
    for c in commands:
        source = os.path.relpath(
            os.path.normpath(os.path.join(c["directory"], c["file"])), root)
        output = os.path.join(c["directory"], c["output"])
        rooms = tuple(room for room, _ in PREFIXES)
        if source.startswith(rooms) and os.path.exists(output):
            objects[os.path.abspath(output)] = source
    if not objects:
        return
    for where, name, kind in nm(["-g", "--defined-only", *sorted(objects)]):
        if kind.isupper() and not name.startswith("__"):
            yield objects[os.path.abspath(where)], name


def check(tree):
    if tree.build:
        exports = sorted(set(read_exports(tree.root, tree.build)))
        return (check_needs(read_needs(tree.build)) +
                check_exports(tree, exports))
    return (check_needs(tree.data["needs"]) +
            check_exports(tree, tree.data["exports"]))


CLEAN = {
    "sync-proto/sp/bytes.h": "void sp_buf_put(struct sp_buf *b);\n",
    "needs": [("bytes.c", "malloc"), ("codec.c", "memcpy"),
              ("seal.c", "crypto_aead_xchacha20poly1305_ietf_encrypt"),
              ("sign.c", "crypto_sign_seed_keypair")],
    "exports": [("sync-proto/src/merge.c", "sp_merge_join"),
                ("sync-proto/src/bytes.c", "sp_buf_put"),
                ("sync-proto/src/link_push.c", "sp_link_push"),
                ("client-core/store/lmdb.c", "cc_lmdb_open"),
                ("client-core/api/satchel.c", "satchel_open"),
                ("client-core/cli/main.c", "main"),
                ("server/ctl/csv.c", "sv_csv_next"),
                ("tests/unit/test_x.c", "anything")],
}
PLANTED = (
    ("a clock", {"needs": [("hlc.c", "clock_gettime")]}, "clock_gettime"),
    ("a socket", {"needs": [("link.c", "socket")]}, "socket"),
    ("memory taken elsewhere", {"needs": [("codec.c", "malloc")]}, "malloc"),
    ("a printer", {"needs": [("codec.c", "printf")]}, "printf"),
    ("randomness", {"needs": [("seal.c", "randombytes_buf")]}, "randombytes"),
    ("keys drawn in secret", {"needs": [("seal.c", "crypto_box_keypair")]},
     "crypto_box_keypair"),
    ("an export without prefix",
     {"exports": [("server/ctl/csv.c", "csv_next")]}, "csv_next"),
    ("an export under another file's name",
     {"exports": [("sync-proto/src/merge.c", "sp_vector_cmp")]},
     "sp_vector_cmp"),
    ("an export under another room's prefix",
     {"exports": [("client-core/store/lmdb.c", "sv_lmdb_open")]}, "sv_lmdb"),
    ("a main where none belongs",
     {"exports": [("server/ctl/csv.c", "main")]}, "main"),
)
