"""Man pages and completion of a command, from what it says of itself.

    pages.py SHARE PROGRAM...

Reads `PROGRAM --help --json`, which comes from the table that parses the
command line: so a page and a completion know what the program knows.
"""
import json
import os
import re
import subprocess
import sys

WORDS = {
    "en": {
        "name": "NAME", "synopsis": "SYNOPSIS",
        "description": "DESCRIPTION", "commands": "COMMANDS",
        "options": "OPTIONS", "exits": "EXIT STATUS", "see": "SEE ALSO",
        "examples": "Examples:",
        "environment": "ENVIRONMENT",
    },
    "zh": {
        "name": "名称", "synopsis": "概要", "description": "描述",
        "commands": "命令",
        "options": "通用选项", "exits": "退出状态", "see": "参见",
        "examples": "示例：",
        "environment": "环境变量",
    },
}
SECTION = {"satchel": "1", "satchelctl": "8", "satcheld": "8"}


def told(program, language):
    done = subprocess.run(
        [program, "--help", "--json", "--lang", language], check=True,
        stdout=subprocess.PIPE)
    return json.loads(done.stdout)


# ---- man -------------------------------------------------------------------


def plain(text):
    """Text as roff leaves it alone."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line
                     for line in text.splitlines())


def pair(term, meaning):
    return f".TP\n{term}\n{plain(meaning)}\n"


def option_term(option):
    value = f" \\fI{plain(option['value'])}\\fR" if option["value"] else ""
    return f"\\fB\\-\\-{plain(option['name'])}\\fR{value}"


def operand_term(operand):
    name = f"\\fI{plain(operand['name'])}\\fR"
    name += "..." if operand["many"] else ""
    return f"[{name}]" if operand["optional"] else name


def command_page(program, command, words):
    head = " ".join([program, command["group"], command["name"]]).strip()
    line = " ".join([f"\\fB{plain(head)}\\fR"] +
                    [operand_term(o) for o in command["operands"]])
    text = f".SS {plain(head[len(program) + 1:])}\n{line}\n.PP\n"
    text += plain(command["summary"]) + "\n"
    for operand in command["operands"]:
        if operand["help"]:
            text += pair(f"\\fI{plain(operand['name'])}\\fR", operand["help"])
    for option in command["options"]:
        text += pair(option_term(option), option["help"])
    if command.get("example"):
        text += f".PP\n{plain(words['examples'])}\n.PP\n.nf\n"
        text += plain(command["example"]) + "\n.fi\n"
    return text


def man(data, language):
    words, program = WORDS[language], data["program"]
    section = SECTION[program]
    text = f".TH {program.upper()} {section} \"\" \"satchel\"\n"
    text += f".SH {words['name']}\n{program} \\- {plain(data['summary'])}\n"
    text += f".SH {words['synopsis']}\n"
    for line in data["synopsis"]:
        text += f"{plain(line)}\n.br\n"
    if data.get("description"):
        text += f".SH {words['description']}\n{plain(data['description'])}\n"
    if data["commands"]:
        text += f".SH {words['commands']}\n"
        text += "".join(command_page(program, c, words)
                        for c in data["commands"])
    text += f".SH {words['options']}\n"
    text += "".join(pair(option_term(o), o["help"]) for o in data["options"])
    if data["environment"]:
        text += f".SH {words['environment']}\n"
        text += "".join(pair(f"\\fB{e['name']}\\fR", e["meaning"])
                        for e in data["environment"])
    text += f".SH {words['exits']}\n"
    text += "".join(pair(f"\\fB{e['exit']}\\fR", e["meaning"])
                    for e in data["exits"])
    others = ", ".join(f"\\fB{p}\\fR({s})" for p, s in SECTION.items()
                       if p != program)
    return text + f".SH {words['see']}\n{others}\n"


# ---- completion -------------------------------------------------------------


def choices(option):
    """Values that the option's word lists ("zh|en"), as the shell takes it."""
    value = option["value"]
    return value.split("|") if re.fullmatch(r"\w+(\|\w+)+", value) else []


def is_path(word):
    return bool(re.search(r"\b(FILE|DIR|PATH)\b", word))


def by_first(data):
    """First word -> second word ("" for none) -> command."""
    words = {}
    for command in data["commands"]:
        words.setdefault(command["group"], {})[command["name"]] = command
    return words


def option_words(options):
    return " ".join("--" + o["name"] for o in options)


def bash(data):
    program, name = data["program"], "_" + data["program"]
    every = data["options"] + [o for c in data["commands"]
                               for o in c["options"]]
    paths = sorted({"--" + o["name"] for o in every if is_path(o["value"])})
    takes = sorted({"--" + o["name"] for o in every if o["value"]})
    listed = {"--" + o["name"]: choices(o) for o in every if choices(o)}
    lines = [f"# Completion of {program} for bash.", f"{name}()", "{",
             "    local word=${COMP_WORDS[COMP_CWORD]}",
             "    local before=${COMP_WORDS[COMP_CWORD-1]}",
             # readline makes words of --option, = and the value
             "    if [[ $word == = ]]; then word=",
             "    elif [[ $before == = ]] && ((COMP_CWORD > 1)); then",
             "        before=${COMP_WORDS[COMP_CWORD-2]}; fi",
             "    local first= second= i=1 options file=",
             "    COMPREPLY=()",
             "    case $before in"]
    lines += [f"    {o}) COMPREPLY=($(compgen -W '{' '.join(v)}' -- "
              '"$word")); return ;;' for o, v in sorted(listed.items())]
    if paths:
        lines.append(f"    {'|'.join(paths)}) compopt -o filenames; "
                     'COMPREPLY=($(compgen -f -- "$word")); return ;;')
    other = [o for o in takes if o not in paths and o not in listed]
    if other:
        lines.append(f"    {'|'.join(other)}) return ;;")
    lines += ["    esac",
              "    while ((i < COMP_CWORD)); do",
              "        case ${COMP_WORDS[i]} in",
              f"        {'|'.join(takes)}) ((i++)) ;;",
              "        -*) ;;",
              "        *) if [[ -z $first ]]; then first=${COMP_WORDS[i]}",
              "           elif [[ -z $second ]]; then "
              "second=${COMP_WORDS[i]}; fi ;;",
              "        esac",
              "        ((i++))",
              "    done",
              f"    options='{option_words(data['options'])}'",
              "    case $first in"]
    words = by_first(data)
    lines.append(f"    '') COMPREPLY=($(compgen -W "
                 f"'{' '.join(words)}' -- \"$word\")) ;;")
    for first, seconds in words.items():
        named = [s for s in seconds if s]
        lines.append(f"    {first})")
        lines.append("        case $second in")
        for second, command in seconds.items():
            file = any(is_path(o["name"]) for o in command["operands"])
            lines.append(f"        {second or repr('')}) options+="
                         f"' {option_words(command['options'])}'"
                         f"{'; file=1' if file else ''} ;;")
        if named and "" not in seconds:
            lines.append("        '') ;;")
        lines.append("        esac")
        if named:
            lines.append(f"        [[ -z $second ]] && COMPREPLY=($(compgen "
                         f"-W '{' '.join(named)}' -- \"$word\"))")
        lines.append("        ;;")
    lines += ["    esac",
              '    if [[ $word == -* ]]; then',
              '        COMPREPLY=($(compgen -W "$options" -- "$word"))',
              '    elif [[ -n $file && ${#COMPREPLY[@]} -eq 0 ]]; then',
              "        compopt -o filenames",
              '        COMPREPLY=($(compgen -f -- "$word"))',
              "    fi",
              "}", f"complete -F {name} {program}", ""]
    return "\n".join(lines)


def zsh_quote(text):
    return re.sub(r"([\[\]:\\'])", lambda m: "'\\''" if m[1] == "'"
                  else "\\" + m[1], text)


def zsh_option(option):
    text = f"--{option['name']}"
    text += "=" if option["value"] else ""
    text += f"[{zsh_quote(option['help'])}]"
    if option["value"]:
        listed = choices(option)
        text += f":{zsh_quote(option['value'])}:"
        text += (f"({' '.join(listed)})" if listed
                 else "_files" if is_path(option["value"]) else " ")
    return f"'{text}'"


def zsh_describe(pairs):
    return " ".join(f"'{w}:{zsh_quote(t)}'" for w, t in pairs)


def zsh_arguments(command):
    """What stands behind a command's words."""
    operand = any(is_path(o["name"]) for o in command["operands"])
    parts = [zsh_option(o) for o in command["options"]]
    return " ".join(["_arguments"] + parts +
                    (["'*:file:_files'"] if operand else []))


def zsh_group(first, seconds):
    """A command of one word, or the second words of a group."""
    if "" in seconds:
        return [f"{first}) {zsh_arguments(seconds[''])} ;;"]
    named = [(s, c["summary"]) for s, c in seconds.items()]
    lines = [f"{first})", "    if (( CURRENT == 2 )); then",
             f"        commands=({zsh_describe(named)})",
             "        _describe command commands", "        return",
             "    fi", "    shift words; (( CURRENT-- ))",
              "    case $words[1] in"]
    lines += [f"    {s}) {zsh_arguments(c)} ;;" for s, c in seconds.items()]
    return lines + ["    esac ;;"]


def zsh(data):
    words = by_first(data)
    first = [(f, next(iter(s.values()))["summary"] if "" in s
              else ", ".join(s)) for f, s in words.items()]
    lines = [f"#compdef {data['program']}", "local -a commands line",
             "local curcontext=$curcontext state", "_arguments -C \\"]
    lines += [f"    {zsh_option(o)} \\" for o in data["options"]]
    if not first:
        return "\n".join(lines)[:-2] + "\n"
    lines += ["    '1: :->first' '*:: :->rest'", "case $state in", "first)",
              f"    commands=({zsh_describe(first)})",
              "    _describe command commands ;;",
              "rest)", "    case $line[1] in"]
    for name, seconds in words.items():
        lines += zsh_group(name, seconds)
    return "\n".join(lines + ["    esac ;;", "esac", ""])


# ---- files ------------------------------------------------------------------


def files(program):
    """Where each page of one program goes below share/, with its text."""
    data = {language: told(program, language) for language in WORDS}
    name = data["en"]["program"]
    section = SECTION[name]
    return {
        f"man/man{section}/{name}.{section}": man(data["en"], "en"),
        f"man/zh_CN/man{section}/{name}.{section}": man(data["zh"], "zh"),
        f"bash-completion/completions/{name}": bash(data["en"]),
        f"zsh/site-functions/_{name}": zsh(data["en"]),
    }


def main():
    share = sys.argv[1]
    for program in sys.argv[2:]:
        for path, text in files(program).items():
            path = os.path.join(share, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    os.utime(share)


if __name__ == "__main__":
    main()
