"""Documents name files that exist."""
import fnmatch
import posixpath
import re

from tree import lines

SENTENCE = "every path named in a document exists"

QUOTED = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
OURS = (".c", ".h", ".md", ".py", ".sh")


def candidates(tree, document, path):
    """Places that a path in this document can mean."""
    for base in ("", posixpath.dirname(document), "sync-proto", "client-core",
                 "server", "tests"):
        yield posixpath.normpath(posixpath.join(base, path))


def exists(tree, document, path):
    known = list(tree.files) + list(tree.dirs)
    if "/" not in path and any(k.endswith("/" + path) for k in known):
        return True  # a bare name: clear enough in its context
    for place in candidates(tree, document, path.rstrip("/")):
        if "*" in place:
            if fnmatch.filter(known, place):
                return True
        elif place in tree or place == ".":
            return True
    return False


def is_path(tree, document, word):
    """Whether a quoted word claims to be a file of the project."""
    if re.search(r"[^\w./*+-]", word) or word.startswith(("/", "../", "-")):
        return False
    if word.startswith(("build", "*.")):
        return False
    if word.endswith(OURS):
        return True
    if "/" not in word:
        return False
    first = word.split("/")[0] if not word.startswith("./") else "."
    return first == "." or any(
        place in tree.dirs for place in candidates(tree, document, first))


def check(tree):
    findings = []
    for path, text in tree.ending(".md"):
        for number, line in lines(text):
            for word in QUOTED.findall(line):
                if is_path(tree, path, word) and not exists(tree, path, word):
                    findings.append(f"{path}:{number}: no file {word}")
            for word in LINK.findall(line):
                if "://" not in word and not exists(tree, path, word):
                    findings.append(f"{path}:{number}: link to no file {word}")
    return findings


CLEAN = {
    "README.md": "Run `./quickstart`, see `sp/err.h`, `tests/unit/`, "
                 "[rules](sync-proto/RULES.md#m1), `client-core/store`, "
                 "`and/or`, `text/csv`, [w](https://x.org/y), `build/x.c`\n",
    "quickstart": "", "sync-proto/sp/err.h": "", "tests/unit/test_a.c": "",
    "sync-proto/RULES.md": "as in `err.h` and `sp/*.h`\n",
    "client-core/store/lmdb.c": "",
}
PLANTED = (
    ("a file that is gone", {"A.md": "see `sync-proto/src/gone.c`\n"},
     "A.md:1: no file sync-proto/src/gone.c"),
    ("a folder that is gone", {"A.md": "\nin `tests/gone`\n"},
     "A.md:2: no file tests/gone"),
    ("a name without its folder", {"A.md": "`gone.h`\n"}, "gone.h"),
    ("a pattern that fits nothing", {"A.md": "`tests/*/gone.c`\n"}, "gone.c"),
    ("a dead link", {"A.md": "[x](GONE.md)\n"}, "GONE.md"),
)
