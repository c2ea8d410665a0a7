"""Walks over all commands that read, as somebody does whose language is
Chinese, on a terminal of 80 columns, and looks at each line of the answers.

    walk.py device SATCHEL DIR SHOP...     satchel of a device
    walk.py server SATCHELCTL DIR SHOP...  satchelctl of head office
    walk.py branch SATCHELCTL DIR SHOP...  satchelctl of a branch

SHOP is the id of an account that has something of all; further words are
names and codes of this world. LANG, and what else the programs want, stand in
the environment. Prints what is wrong; the status says whether anything was.
    - no line is wider than the terminal
    - no line has a word of English, save names: of commands, options, fields,
      entities, options of fields, formats, units, and of this world
    - each command ends as it should
    - commands that nobody has listed here are typed without any words: what
      they answer or complain of is looked at in the same way
"""
import json
import re
import subprocess
import sys
import unicodedata

import screen

# Names of reports; the first eight are of what an analyst reads.
REPORTS = ["sales", "rfm", "churn", "repurchase", "ltv", "curve",
           "concentration", "visits", "care", "funnel", "campaigns", "market",
           "rivals", "completeness", "quality"]
# Command -> lists of words behind it.
DEVICE = {
    "status": [[]], "sync": [[]], "brief": [["{shop}"]],
    "timeline": [["{shop}"], ["{shop}", "--limit", "2"]],
    "find": [["茶"], ["没有这样的客户"]],
    "account list": [[], ["--limit", "2"], ["--territory", "nowhere"]],
    "account show": [["{shop}"]], "account shares": [["{shop}"]],
    "account labels": [["{shop}"]], "account merges": [[]],
    "board": [[]], "at-risk": [[]], "segment": [["visit_count >= 1"]],
    "targets": [[]], "time": [[]], "contacts count": [[]],
    "profile show": [["{contact}"]], "profile board": [[]],
    "profile sample": [[]], "quality list": [[]], "quality board": [[]],
    "report": [[], *([one] for one in REPORTS)],
    "today": [[]], "route list": [[]], "day show": [[]],
    "contact list": [[]], "contact show": [["{contact}"]],
    "visit list": [[]], "visit show": [["{visit}"]],
    "photo list": [[]], "document list": [[]],
    "note list": [[]], "note show": [["{note}"]],
    "record list": [["task"], ["purchase"], ["care_rule"]],
    "record show": [["task", "{task}"]],
    "care due": [["--dry-run"]], "care draft": [["--dry-run"]],
    "care daily": [[]], "feedback list": [[]], "inbox list": [[]],
    "account benefits": [["{shop}"]], "campaign list": [[]],
    "coupon list": [[]], "event list": [[]],
    "conflicts list": [[]], "rejected list": [[]], "asked list": [[]],
    "fields": [[], ["visit"]], "help": [[], ["account", "list"]],
}
SERVER = {
    "status": [[]], "show": [[]], "branch arrivals": [["--as", "admin"]],
    "branch close": [["--as", "admin"]], "territory list": [[]],
    "unit list": [[]], "user list": [[]], "role list": [[]],
    "device list": [[]], "exports": [["--as", "admin"]], "hash": [[]],
    "import list": [[]],
    "account list": [["--as", "hugo", "--limit", "3"]],
    "account show": [["{shop}", "--as", "hugo"]],
    "account history": [["{shop}", "--as", "hugo"]],
    "account shares": [["{shop}", "--as", "hugo"]],
    "conflicts": [["--as", "hugo"]], "waiting list": [["--as", "admin"]],
    "audit policy": [["--as", "admin"]], "log show": [["--limit", "4"]],
    "explain": [["{shop}", "--user", "mei"]], "session list": [[]],
    "documents list": [[]], "config show": [[]],
    "dictionary check": [["{dictionary}"]],
    "dictionary diff": [["{dictionary}"]], "policy check": [["{policy}"]],
    "care check": [["{care}"]], "care daily": [["--as", "hugo"]],
    "feedback list": [["--as", "hugo"]], "quality board": [["--as", "admin"]],
    "targets": [["--as", "admin"]],
    "report": [[], *([one, "--as", "hugo"] for one in REPORTS[:8]),
               ["sync", "--as", "admin"]],
    "branch deadlines": [["--as", "admin"]],
    "branch reconciliations": [["--as", "admin"]],
}
# At a branch, where two values of one field stand.
BRANCH = {
    "status": [[]], "show": [[]], "branch inbox": [["--as", "min"]],
    "branch arrivals": [["--as", "min"]], "branch close": [["--as", "min"]],
    "account list": [["--as", "min"], ["--as", "mei", "--limit", "1"]],
    "account show": [["{shop}", "--as", "min"], ["K1", "--as", "min"],
                     ["静安茶叶店", "--as", "mei"]],
    "account history": [["K1", "--as", "min"]],
    "conflicts": [["--as", "min"]], "waiting list": [["--as", "min"]],
    "log show": [[]], "explain": [["K1", "--user", "mei"],
                                  ["K1", "--user", "hugo"]],
    "uplink status": [[]], "hash": [[], ["--list"]],
    "device list": [[]], "user list": [[]], "role list": [[]],
    "care daily": [["--as", "min"]], "quality board": [["--as", "min"]],
}
BRANCH_WRONG = [
    (["account", "show", "没有", "--as", "min"], 1),
    (["explain", "没有", "--user", "mei"], 1),
    (["freshness"], 1), (["user", "add", "li", "--role", "rep"], 1),
]
# What is refused: words, and the status that it ends with.
DEVICE_WRONG = [
    (["acount", "list"], 64), (["account", "list", "--limt", "3"], 64),
    (["account", "list", "--limit", "viele"], 64), (["status", "--lang", "fr"], 64),
    (["account", "show", "没有"], 1), (["account", "edit", "{shop}", "colour=1"], 1),
    (["account", "edit", "{shop}", "kind=1999"], 1), (["note", "add", "{shop}"], 64),
    (["visit", "end"], 1), (["record", "list", "colour"], 1),
    (["record", "add", "contact", "name=x"], 64),
    (["visit", "start", "{shop}", "--at", "da"], 1),
    (["timeline", "{shop}", "--before", "1"], 64),
    (["segment", "purchase_count >= viele"], 64),
    (["export", "pdf", "--out", "{dir}/x"], 64),
    (["import", "vcard", "{dir}/none"], 1),
    (["conflicts", "undo", "{shop}", "name"], 1),
    (["rejected", "show", "1"], 1), (["asked", "show", "1"], 1),
    (["account", "merge", "{shop}", "{shop}"], 64),
    (["account", "unmerge", "没有"], 1), (["fields", "colour"], 64),
    (["--dir", "{dir}/none", "status"], 1),
]
SERVER_WRONG = [
    (["acount", "list"], 64), (["account", "list", "--sa", "hugo"], 64),
    (["status", "--lang", "fr"], 64), (["waiting", "list"], 64),
    (["account", "show", "1", "--as", "hugo"], 1),
    (["account", "list", "--as", "nemo"], 1),
    (["import", "accounts", "{dir}/none", "--as", "admin"], 1),
    (["dictionary", "check", "{care}"], 64), (["user", "revoke", "nemo"], 1),
    (["device", "revoke", "999"], 1), (["unit", "list", "x"], 64),
    (["retention", "check", "--as", "admin"], 1),
    (["--dir", "{dir}/none", "status"], 69),
]
# What a server says of documents is about the names that stand in them, and
# a value that changes is typed by name.
NAMED = {"dictionary check", "dictionary diff", "policy check", "care check",
         "audit policy", "metrics", "retention check"}
# Programs, files, units, formats and codes that are the same in all
# languages.
SAME = set("""
satchel satchelctl satcheld agent SATCHEL tcp http KiB MiB ms kB dir DIR
id ID UTF BOM GB CSV PDF vCard vcard LMDB POSIX XDG RUNTIME PASSPHRASE TMPDIR
local share help Ctrl utc UTC true false yes no conf json jsonl csv sqlite
geojson ical iCalendar iCal GeoJSON SQLite JSON Lines zh en argon SIGHUP SIGTERM
SIGINT TRACE link apply NAT rejected asked
""".split())
ANY = None  # whatever status
NAMES = re.compile(r"[A-Za-z][A-Za-z]+")
# ids, hashes, paths, codes of errors, things to type
CODES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}[-0-9a-f…]*|\b[0-9a-f]{4}-[0-9a-f]{4}\b"
    r"|\b[0-9a-f]{16,}\b|\b[0-9a-f]*\d[0-9a-f]*\b|SP_E_\w+|--kind \w+"
    r"|[~\w.$-]*/[^\s，；：。）]*|S\d{6}|--[a-z0-9-]+|[A-Z_]+=\S*|\w+@\S+")


def width(text):
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


class Walk:
    def __init__(self, program, directory, world):
        self.program, self.directory, self.world = program, directory, world
        self.found = []
        self.allowed = set(SAME)
        self.fields = set()  # names of the dictionary

    def allow(self, *texts):
        for text in texts:
            self.allowed.update(NAMES.findall(text))

    def data(self, *words):
        done = subprocess.run(
            [self.program, "--dir", self.directory, *words, "--json"],
            capture_output=True, check=False)
        return json.loads(done.stdout)

    def look(self, words, wanted):
        words = [w.format(**self.world) for w in words]
        text, status = screen.run(
            [self.program, "--dir", self.directory, *words])
        where = " ".join(words)
        if wanted not in (status, ANY):
            self.found.append(f"{where}: ended with {status}, not {wanted}: "
                              f"{text.decode(errors='replace')}")
        allowed = self.allowed | {n for w in words for n in NAMES.findall(w)}
        if self.typed or where.startswith(tuple(NAMED)):
            allowed |= self.fields
        for line in text.decode("utf-8").split("\n"):
            line = line.split("\033[K")[-1]  # progress, written over
            if width(line) > screen.COLUMNS and " " in line.strip():
                self.found.append(f"{where}: {width(line)} columns: {line}")
            for name in NAMES.findall(CODES.sub(" ", line)):
                # cut words end in an ellipsis
                if name not in allowed and not (f"{name}…" in line):
                    self.found.append(f"{where}: “{name}” in: {line}")

    def walk(self, commands, wrong, writes):
        told = self.data("--help")
        self.allow(*REPORTS, "sync", "RFM")
        for c in told["commands"]:
            self.allow(c["group"], c["name"])
            for o in c["operands"] + c["options"]:
                self.allow(o["name"], o.get("value", ""))
        for o in told["options"] + told["environment"]:
            self.allow(o["name"], o.get("value", ""))
        names = {f"{c['group']} {c['name']}".strip() for c in told["commands"]}
        for name in sorted(set(commands) - names):
            self.found.append(f"{name} is no command")
        for name in sorted(names & set(commands)):
            for words in commands[name]:
                self.look(name.split() + words, 0)
        for words, status in wrong:
            self.look(words, status)
        for name in sorted(names - set(commands) - writes):
            self.look(name.split(), ANY)


def allow_fields(walk, satchel, device):
    """Names of the dictionary: they are typed on a device."""
    allowed, walk.allowed = walk.allowed, walk.fields
    done = subprocess.run([satchel, "--dir", device, "fields", "--json"],
                          capture_output=True, check=True)
    for e in json.loads(done.stdout)["entities"]:
        walk.allow(e["name"])
        for f in e["fields"]:
            walk.allow(f["name"], f["kind"], *(o["name"] for o in f["options"]))
    walk.allowed = allowed


def allow_codes(walk, kind, world):
    """Names of labels, roles and settings: they are typed too."""
    if kind == "device":
        labels = walk.data("account", "labels", world["shop"])["labels"]
        walk.allow(*(label["name"] for label in labels))
        return
    walk.allow(*(str(row[1]) for row in walk.data("role", "list")["rows"]))
    for row in walk.data("config", "show")["rows"]:
        walk.allow(row[0], *map(str, row[2:4]))


def main(kind, program, directory, satchel, device, world, *names):
    walk = Walk(program, directory, json.loads(world))
    walk.typed = kind == "device"
    walk.allow(*names)
    allow_fields(walk, satchel, device)
    allow_codes(walk, kind, walk.world)
    walk.walk(*{"device": (DEVICE, DEVICE_WRONG, DEVICE_WRITES),
                "server": (SERVER, SERVER_WRONG, SERVER_WRITES),
                "branch": (BRANCH, BRANCH_WRONG, SERVER_WRITES)}[kind])
    for one in walk.found:
        print(one)
    return 1 if walk.found else 0


# What changes something, or writes data for programs.
DEVICE_WRITES = set("""
enrol unlock lock logout passphrase export
""".split()) | {
    "import vcard", "account add", "account edit", "account assign",
    "account share", "account merge", "account stage", "account verify",
    "account unmerge", "account remove", "profile check", "route skip",
    "day close", "contact add", "contact edit", "contact remove",
    "visit start", "visit end", "visit edit", "photo add", "photo show",
    "document add", "document show", "note add", "note edit", "note remove",
    "record add", "record edit", "record remove", "care edit", "care export",
    "care confirm", "care failed", "care call", "feedback answer",
    "inbox show", "inbox decide", "conflicts settle", "conflicts undo",
    "conflicts restore", "rejected show", "rejected resend", "rejected ask",
    "rejected discard", "asked show", "asked enter", "asked decline"
}
SERVER_WRITES = {
    "init", "branch add", "branch code", "branch join", "territory add",
    "territory move", "territory give", "user add", "user set", "user share",
    "user revoke", "handover", "device enrol", "device revoke", "export",
    "exports approve", "exports request", "import", "account assign",
    "account share", "waiting release", "waiting refuse", "uplink now",
    "uplink status", "dictionary export", "dictionary apply", "policy export",
    "policy apply", "care apply", "retention check", "retention run",
    "quality scan", "metrics", "describe",
    "sample accounts"
}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
