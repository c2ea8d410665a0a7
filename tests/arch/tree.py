"""The project's files as the checks see them: path -> text.

A check is a module with
    SENTENCE             what it proves, the name of its test case
    check(tree)          list of findings, each one line that names the place
    PLANTED              cases (name, files, part of the finding); the check
                         must find each of them, and nothing in CLEAN
    CLEAN                files that are as they should be
    owed(tree)           where it has one: pairs (title, reason) of what is
                         not there yet; each is shown as skipped
so that each check shows that it can fail.
"""
import os

SKIP_DIRS = {".git", ".cache", "__pycache__"}


class Tree:
    """Text files below a root; binary files are there with text None."""

    def __init__(self, files, root=None, build=None):
        # What is not text (lists of symbols) stands in planted trees only.
        self.data = {k: v for k, v in files.items() if isinstance(v, list)}
        self.files = {k: v for k, v in files.items() if k not in self.data}
        self.root = root
        self.build = build
        self.dirs = set()
        for path in self.files:
            while "/" in path:
                path = path.rsplit("/", 1)[0]
                self.dirs.add(path)

    def ending(self, *suffixes):
        """Pairs (path, text) of the text files with one of these endings."""
        for path in sorted(self.files):
            if path.endswith(suffixes) and self.files[path] is not None:
                yield path, self.files[path]

    def __contains__(self, path):
        return path in self.files or path in self.dirs


def read_tree(root, build):
    """All files below root, without build directories and dot folders."""
    files = {}
    for folder, dirs, names in os.walk(root):
        top = folder == root
        dirs[:] = [
            d for d in dirs
            if d not in SKIP_DIRS and not (top and d.startswith("build"))
        ]
        for name in names:
            full = os.path.join(folder, name)
            if not os.path.isfile(full):
                continue
            with open(full, "rb") as f:
                data = f.read()
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                text = None
            if text is not None and "\0" in text:
                text = None
            files[os.path.relpath(full, root)] = text
    return Tree(files, root, build)


def lines(text):
    """Pairs (number, line), from 1."""
    return enumerate(text.split("\n"), 1)


def without_comments(text):
    """C source with comments blanked out, line numbers kept."""
    out = []
    i, n = 0, len(text)
    while i < n:
        c = text[i]
        if c in "\"'":
            j = i + 1
            while j < n and text[j] not in (c, "\n"):
                j += 2 if text[j] == "\\" else 1
            out.append(text[i:j + 1])
            i = j + 1
        elif text.startswith("//", i):
            j = text.find("\n", i)
            i = n if j < 0 else j
        elif text.startswith("/*", i):
            j = text.find("*/", i + 2)
            j = n if j < 0 else j + 2
            out.append("\n" * text.count("\n", i, j))
            i = j
        else:
            out.append(c)
            i += 1
    return "".join(out)
