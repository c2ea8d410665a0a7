"""Formatting and size of the sources."""
import os
import subprocess

SENTENCE = "sources are formatted and no file has more than 800 lines"

LINES_MAX = 800


def unformatted_here(root, paths):
    """One call over real files; the paths that would change."""
    if not paths:
        return []
    done = subprocess.run(
        ["clang-format", "--dry-run", "--style=file", *paths], cwd=root,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    found = []
    for line in done.stdout.splitlines():
        if "[-Wclang-format-violations]" in line:
            place = ":".join(line.split(":")[:2])
            if not any(f.startswith(place.split(":")[0] + ":")
                       for f in found):
                found.append(place + ": not as clang-format has it")
    if done.returncode != 0 and not found:
        found.append("clang-format: " + done.stdout.strip()[:200])
    return found


def unformatted_text(style, path, text):
    done = subprocess.run(
        ["clang-format", f"--style=file:{style}",
         f"--assume-filename={path}"], input=text, stdout=subprocess.PIPE,
        text=True, check=True)
    return done.stdout != text


def check(tree):
    findings = []
    for path, text in tree.ending(".c", ".h", ".py", ".sh", "/run"):
        count = text.count("\n")
        if count > LINES_MAX:
            findings.append(f"{path}: {count} lines, more than {LINES_MAX}")
    if tree.build:
        findings += unformatted_here(
            tree.root, [p for p, _ in tree.ending(".c", ".h")])
    else:
        style = os.path.join(tree.root, ".clang-format")
        findings += [
            f"{p}: not as clang-format has it"
            for p, text in tree.ending(".c", ".h")
            if unformatted_text(style, p, text)
        ]
    return findings


CLEAN = {
    "a.c": "int main(void)\n{\n    return 0;\n}\n",
    "b.py": "\n" * 800,
}
PLANTED = (
    ("a file that nobody formatted", {"b.c": "int  x ;\n"}, "b.c: not as"),
    ("a file that is too long", {"b.h": "int f(void);\n" * 801}, "801 lines"),
)
