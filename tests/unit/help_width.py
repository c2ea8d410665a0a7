"""The help of every command fits a terminal of 80 columns, in both languages.

    help_width.py SATCHEL SATCHELCTL SATCHELD; prints TAP
"""
import json
import subprocess
import sys
import unicodedata

COLUMNS = 80
# What begins no line of Chinese.
CLOSING = "，。；：？！、）》”’」』】〕…"


def run(*command):
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def width(text):
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def findings(program, words, lang):
    text = run(program, *words, "--help", "--lang", lang)
    if len(text.splitlines()) < 3:
        yield "says nothing"
    for line in text.splitlines():
        if width(line) > COLUMNS:
            yield f"{width(line)} columns: {line}"
        if line.strip()[:1] and line.strip()[0] in CLOSING:
            yield f"begins with a closing sign: {line}"


def commands(program):
    for c in json.loads(run(program, "--help", "--json"))["commands"]:
        yield [w for w in (c["group"], c["name"]) if w]


def main(satchel, satchelctl, satcheld):
    number = failed = 0
    for program, each in ((satchel, True), (satchelctl, True),
                          (satcheld, False)):
        every = [[]] + (list(commands(program)) if each else [])
        for lang in ("en", "zh"):
            number += 1
            found = [f"{' '.join(words)}: {f}" for words in every
                     for f in findings(program, words, lang)]
            failed += bool(found)
            name = program.rsplit("/", 1)[-1]
            print("not ok" if found else "ok", number,
                  f"- help of {name} fits, {lang}, {len(every)} pages")
            for one in found:
                print("#", one)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
