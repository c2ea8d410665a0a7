"""What the shared library shows to programs that link it."""
import os
import subprocess

SENTENCE = "libsatchel exports what satchel.h declares and nothing else"

LIBRARY = "client-core/libsatchel.so"
HEADERS = "client-core/include/"


def exported(build):
    path = os.path.join(build, LIBRARY)
    if not os.path.exists(path):
        return None
    out = subprocess.run(["nm", "-D", "-P", "--defined-only", path],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted(line.split()[0] for line in out.splitlines()
                  if line.split()[1] not in "wv")


def declared(header):
    """Names behind SATCHEL_API, up to their parenthesis."""
    found = set()
    for part in header.split("SATCHEL_API ")[1:]:
        name = part.split("(")[0].split()[-1].lstrip("*")
        if name.startswith("satchel_"):
            found.add(name)
    return found


def check(tree):
    names = exported(tree.build) if tree.build else tree.data["exported"]
    if names is None:
        return []
    wanted = set().union(*(declared(text) for path, text in tree.ending(".h")
                           if path.startswith(HEADERS)))
    return ([f"{LIBRARY}: exports {n}" for n in names if n not in wanted] +
            [f"{LIBRARY}: lacks {n}" for n in sorted(wanted - set(names))])


CLEAN = {
    HEADERS + "satchel/store.h":
        "SATCHEL_API int satchel_open(const char *dir);\n",
    HEADERS + "satchel/x.h": "SATCHEL_API void *satchel_x(void);\n",
    "exported": ["satchel_open", "satchel_x"],
}
PLANTED = (
    ("a name of the engine",
     {"exported": ["satchel_open", "satchel_x", "sp_link_new"]},
     "exports sp_link_new"),
    ("a name that is not in the header",
     {"exported": ["satchel_open", "satchel_secret", "satchel_x"]},
     "exports satchel_secret"),
    ("a function that is missing", {"exported": ["satchel_open"]},
     "lacks satchel_x"),
)
