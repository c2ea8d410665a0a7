"""Writes files as C arrays: embed.py OUT NAME FILE [NAME FILE]..."""
import sys

out, pairs = sys.argv[1], sys.argv[2:]
with open(out, "w", encoding="ascii") as c:
    c.write('#include "policy/defaults.h"\n')
    for name, path in zip(pairs[::2], pairs[1::2]):
        with open(path, "rb") as f:
            data = f.read()
        c.write(f"const unsigned char {name}[] = {{\n")
        for at in range(0, len(data), 16):
            c.write(",".join(str(b) for b in data[at:at + 16]) + ",\n")
        c.write(f"}};\nconst size_t {name}_bytes = sizeof {name};\n")
