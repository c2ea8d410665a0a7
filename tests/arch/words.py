"""The repository speaks of the product, not of somebody's machine."""
import re

from tree import lines

SENTENCE = "no machine's paths and no package host stand in the repository"

# Written in two parts, so that this file passes too.
HOSTS = ("deb." "debian.org", "pypi." "org", "python" "hosted.org",
         "registry." "npmjs", "crates." "io", "proxy." "golang",
         "pkg." "dev", "artifact" "registry", "snapshot." "debian")
HOMES = re.compile(r"(?<![\w.$}/*-])/(home|root|work|Users)/(?!\s)")
HOST = re.compile("|".join(re.escape(h) for h in HOSTS), re.I)


def check(tree):
    findings = []
    for path, text in tree.files.items():
        if text is None or path == "tests/arch/words.py":
            continue
        for number, line in lines(text):
            for pattern in (HOMES, HOST):
                match = pattern.search(line)
                if match:
                    findings.append(f"{path}:{number}: {match[0]}")
    return findings


CLEAN = {
    "a.c": "/* at work/home, $HOME/work/x, \"$d/root/x\" */\n",
    "b.md": "homework/root cause\n",
    "c.bin": None,
}
PLANTED = (
    ("a home directory", {"x.md": "cd /home" "/somebody/x\n"}, "x.md:1"),
    ("a working directory", {"x.sh": "\nls '/work" "/x'\n"}, "x.sh:2"),
    ("a package host", {"x": "http://" "deb." "debian.org/debian\n"}, "x:1"),
)
