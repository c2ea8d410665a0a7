"""Which part may include which (the house's arrows)."""
import posixpath
import re

from tree import lines

SENTENCE = "includes follow the arrows"

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Where "x/y.h" is looked for, besides the folder of the includer.
ROOTS = ("sync-proto", "sync-proto/src", "client-core/include", "client-core",
         "server")

# part -> parts whose headers it may include. First match of the path wins.
PARTS = (
    ("sync-proto/sp", ("sync-proto/sp",)),
    ("sync-proto/src", ("sync-proto/sp", "sync-proto/src")),
    ("client-core/include", ("client-core/include",)),
    # Pure, and a door for the server like the next two.
    ("client-core/book", ("sync-proto/sp", "client-core/book")),
    # Below all that says something to people.
    ("client-core/say",
     ("sync-proto/sp", "client-core/book/fault.h", "client-core/book/phone.h",
      "client-core/book/utf8.h", "client-core/book/width.h", "client-core/book/words.h",
      "client-core/say")),
    ("client-core/store",
     ("sync-proto/sp", "client-core/say", "client-core/store")),
    # Decoders of pictures know no store and no customer.
    ("client-core/photo",
     ("sync-proto/sp", "client-core/book/utf8.h", "client-core/photo")),
    ("client-core/keys",
     ("sync-proto/sp", "client-core/say", "client-core/store",
      "client-core/keys")),
    ("client-core/replica",
     ("sync-proto/sp", "client-core/book", "client-core/say",
      "client-core/store", "client-core/replica")),
    ("client-core/sync",
     ("sync-proto/sp", "client-core/say", "client-core/store",
      "client-core/keys", "client-core/replica", "client-core/sync")),
    ("client-core/api",
     ("sync-proto/sp", "client-core/include", "client-core/book",
      "client-core/photo", "client-core/say", "client-core/sync",
      "client-core/replica", "client-core/keys",
      # of the store only files that a person asked for
      "client-core/store/out.h", "client-core/store/sqlite.h",
      "client-core/store/zone.h",
      "client-core/api")),
    ("client-core/cli",
     ("client-core/include", "client-core/book",
      # both languages stand beside each other there; of say only what lays it out
      "client-core/say/nearest.h", "client-core/say/screen.h",
      "client-core/say/chart.h", "client-core/say/table.h",
      "client-core/cli")),
    ("client-core/web", ("client-core/include", "client-core/web")),
    # Logs, metrics, clock and settings lie under all of the server.
    ("server/ops",
     ("sync-proto/sp", "client-core/book", "client-core/say", "server/ops")),
    ("server/config", ("sync-proto/sp", "server/ops", "server/config")),
    ("server/policy", ("sync-proto/sp", "server/ops", "server/policy")),
    ("server/net",
     ("sync-proto/sp", "client-core/say/net.h", "server/ops",
      "server/config", "server/policy", "server/net")),
    ("server/store",
     ("sync-proto/sp", "client-core/store", "server/ops", "server/store")),
    # The programs and their tools put the parts together.
    ("server",
     ("sync-proto/sp", "client-core/book", "client-core/say",
      "client-core/store", "server")),
)

# The only files that know libsodium; everybody else asks sp/seal.h.
CRYPTO = tuple(
    f"sync-proto/src/{name}"
    for name in ("seal.c", "aead.c", "sign.c", "handshake.c", "enrol.c"))
# Libraries -> the parts that may include them; others anywhere outside
# sync-proto.
LIBRARIES = (
    (re.compile(r"sodium(\.h|/)"), CRYPTO),
    (re.compile(r"msgpack(\.h|/)"), ("sync-proto/src",)),
    (re.compile(r"zstd"), ("sync-proto/src",)),
    (re.compile(r"utf8proc"), ("client-core/book",)),
    (re.compile(r"(jpeglib|jerror|png|ft2build)\.h|fontconfig/"),
     ("client-core/photo",)),
    (re.compile(r"lmdb\.h"), ("client-core/store", "server/store")),
    (re.compile(r"nng/"), ("client-core/say/net.c", "client-core/sync",
                           "server/net", "server/main.c")),
)
# What pure code may ask of the C library.
PURE = ("sync-proto", "client-core/book")
PURE_HEADERS = {
    "assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h",
    "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h",
    "stdio.h", "stdlib.h", "string.h"
}
PURE_LIBRARIES = {
    "sync-proto/src": re.compile(r"(sodium|msgpack|zstd)(_errors)?(\.h|/)"),
    "client-core/book": re.compile(r"utf8proc\.h"),
}


def below(path, part):
    return path == part or path.startswith(part + "/")


def part_of(path):
    for part, allowed in PARTS:
        if below(path, part):
            return part, allowed
    return None, ()


def resolve(tree, includer, name):
    """Paths in the project that this include can mean."""
    own = posixpath.normpath(
        posixpath.join(posixpath.dirname(includer), name))
    if own in tree.files:
        return [own]
    found = {posixpath.normpath(posixpath.join(r, name)) for r in ROOTS}
    return sorted(f for f in found if f in tree.files)


def check_own(tree, path, name):
    part, allowed = part_of(path)
    targets = resolve(tree, path, name)
    if not targets:
        return f"includes \"{name}\", which is nowhere"
    if len(targets) > 1:
        return f"includes \"{name}\", which can mean {' or '.join(targets)}"
    if not any(below(targets[0], a) for a in allowed):
        return f"{part} may not include {targets[0]}"
    return None


def check_library(path, name):
    part, _ = part_of(path)
    for pattern, parts in LIBRARIES:
        if pattern.match(name) and not any(below(path, p) for p in parts):
            return f"<{name}> belongs to {', '.join(parts)}"
    if any(below(path, p) for p in PURE) and name not in PURE_HEADERS and not (
            part in PURE_LIBRARIES and PURE_LIBRARIES[part].match(name)):
        return f"<{name}> is not for pure code"
    return None


def check(tree):
    findings = []
    for path, text in tree.ending(".c", ".h"):
        if part_of(path)[0] is None:
            continue
        for number, line in lines(text):
            match = INCLUDE.match(line)
            if not match:
                continue
            if match[1] == '"':
                problem = check_own(tree, path, match[2])
            else:
                problem = check_library(path, match[2])
            if problem:
                findings.append(f"{path}:{number}: {problem}")
    return findings


CLEAN = {
    "sync-proto/sp/err.h": "#include <stdint.h>\n",
    "sync-proto/sp/id.h": '#include "sp/err.h"\n',
    "sync-proto/src/private.h": "",
    "sync-proto/src/seal.c": '#include "private.h"\n#include <sodium.h>',
    "client-core/include/satchel.h": "#include <stddef.h>\n",
    "client-core/store/lmdb.h": '#include "sp/id.h"\n#include <lmdb.h>\n',
    "client-core/book/fold.h": '#include "sp/id.h"\n',
    "client-core/replica/base.h": '#include "store/lmdb.h"\n'
                                  '#include "book/fold.h"\n',
    "server/ctl/report.c": '#include "book/fold.h"\n',
    "client-core/sync/dial.c": '#include "replica/base.h"\n'
                               "#include <nng/nng.h>\n#include <unistd.h>\n",
    "client-core/cli/main.c": '#include "satchel.h"\n#include "words.h"\n',
    "client-core/cli/words.h": "",
    "server/policy/roster.h": '#include "sp/id.h"\n',
    "server/net/session.c": '#include "policy/roster.h"\n',
    "server/main.c": '#include "policy/roster.h"\n',
    "tests/unit/test_x.c": '#include "sync-proto/src/private.h"\n',
}
PLANTED = (
    ("a command that goes round satchel.h",
     {"client-core/cli/main.c": '#include "replica/base.h"\n'},
     "client-core/cli may not include client-core/replica/base.h"),
    ("a server that includes the client",
     {"server/net/x.c": '#include "replica/base.h"\n'},
     "server/net may not include client-core/replica/base.h"),
    ("a way from net round the port to the store",
     {"server/net/x.c": '#include "store/lmdb.h"\n'},
     "server/net may not include client-core/store"),
    ("a replica that talks to the network's side",
     {"client-core/sync/dial.h": "",
      "client-core/replica/x.c": '#include "sync/dial.h"\n'},
     "client-core/replica may not include client-core/sync"),
    ("an agreed header that leans on private ones",
     {"sync-proto/sp/err.h": '#include "private.h"\n'},
     "sync-proto/sp may not include sync-proto/src/private.h"),
    ("somebody who reaches into the pure room",
     {"server/main.c": '#include "private.h"\n'},
     "server may not include sync-proto/src/private.h"),
    ("the pure room asking for a clock",
     {"sync-proto/src/x.c": "#include <time.h>\n"}, "not for pure code"),
    ("the book asking for a file",
     {"client-core/book/x.c": "#include <fcntl.h>\n"}, "not for pure code"),
    ("the book leaning on the replica",
     {"client-core/book/x.c": '#include "replica/base.h"\n'},
     "client-core/book may not include client-core/replica"),
    ("an agreed header with a library in it",
     {"sync-proto/sp/x.h": "#include <zstd.h>\n"}, "<zstd.h>"),
    ("cryptography outside its files",
     {"sync-proto/src/x.c": "#include <sodium.h>\n"}, "<sodium.h>"),
    ("cryptography in the client",
     {"client-core/keys/x.c": "#include <sodium.h>\n"}, "<sodium.h>"),
    ("logs that know about sessions",
     {"server/net/session.h": "",
      "server/ops/log.c": '#include "net/session.h"\n'},
     "server/ops may not include server/net"),
    ("sockets in the wrong place",
     {"client-core/replica/x.c": "#include <nng/nng.h>\n"}, "<nng/nng.h>"),
    ("an include that can mean two files",
     {"server/store/lmdb.h": "", "server/main.c": '#include "store/lmdb.h"\n'},
     "can mean"),
    ("an include of nothing", {"server/main.c": '#include "gone.h"\n'},
     "nowhere"),
)
