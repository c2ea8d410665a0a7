"""Calls and flags that the house does not use, and why.

LMDB: without syncs an acknowledged commit can be lost or the file torn;
without locks two processes corrupt it; MDB_NOMEMINIT leaks memory to disk.
nng 1.5.2: http, websocket, TLS and ipc have memory faults, and so has
nng_msg_insert.
"""
import re

from tree import lines, without_comments

SENTENCE = "no banned LMDB flag and no banned part of nng is used"

IDENTIFIERS = re.compile(
    r"\b(MDB_NOSYNC|MDB_NOMETASYNC|MDB_WRITEMAP|MDB_MAPASYNC|MDB_NOMEMINIT"
    r"|MDB_NOLOCK|nng_msg_insert(_u\d+)?|nng_(http|https|tls|ws|wss|ipc"
    r"|stream_\w*ws)_\w+)\b")
HEADERS = re.compile(
    r"#\s*include\s*<nng/(supplemental/(http|tls)|transport/(ws|tls|ipc))")
ADDRESSES = re.compile(r'"(ws|wss|tls\+tcp|ipc|abstract)://')
PATTERNS = (IDENTIFIERS, HEADERS, ADDRESSES)


def check(tree):
    findings = []
    for path, text in tree.ending(".c", ".h"):
        for number, line in lines(without_comments(text)):
            for pattern in PATTERNS:
                match = pattern.search(line)
                if match:
                    findings.append(f"{path}:{number}: {match[0]} is banned")
    return findings


CLEAN = {
    "a.c": '/* MDB_NOSYNC is banned, nng_msg_insert too. */\n'
           'x = MDB_NOTLS | MDB_NORDAHEAD; s = "tcp://127.0.0.1"; // ipc://\n'
           "#include <nng/protocol/reqrep0/rep.h>\n",
}
PLANTED = tuple(
    (f"{flag}", {"b.c": f"int f = {flag};\n"}, flag)
    for flag in ("MDB_NOSYNC", "MDB_NOMETASYNC", "MDB_WRITEMAP",
                 "MDB_MAPASYNC", "MDB_NOMEMINIT", "MDB_NOLOCK")) + (
    ("nng_msg_insert", {"b.c": "nng_msg_insert(m, p, 4);\n"}, "nng_msg_insert"),
    ("nng's http", {"b.c": "nng_http_server_start(s);\n"}, "nng_http"),
    ("a header of nng's http",
     {"b.h": "#include <nng/supplemental/http/http.h>\n"}, "http"),
    ("a websocket address", {"b.c": 'dial("ws://x");\n'}, "ws://"),
    ("an ipc address behind a comment", {"b.c": '/* a */ dial("ipc://x");\n'},
     "ipc://"),
)
