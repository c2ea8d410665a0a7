#!/usr/bin/env python3
"""A peer that nobody wants, on the server's own port.

    peer.py proxy PORT TARGET FILE   passes everything on to port TARGET, and
                                     keeps what a client sent in FILE; until
                                     it is ended
    peer.py attack PORT FILE SEED ROUNDS
                                     garbage, truncated, oversized and wrong
                                     frames, and those of FILE: as they were,
                                     cut, flipped, doubled

Messages travel as in nng's TCP mapping: 8 bytes of greeting, then each with
its length in 8 bytes before it; the first four of a request are its number.
The attacker comes from 127.0.0.2, so that what a server allows one address
is not what it allows another.
"""
import random
import socket
import struct
import sys
import threading

GREETING = b"\0SP\0\0\x30\0\0"  # a requester
WAIT_S = 0.2


# ---- proxy ------------------------------------------------------------------

def pump(source, sink, keep):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
            if keep:
                keep.write(data)
                keep.flush()
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def proxy(port, target, path):
    listener = socket.create_server(("127.0.0.1", int(port)))
    with open(path, "wb") as keep:
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", int(target)))
            for args in ((client, server, keep), (server, client, None)):
                threading.Thread(target=pump, args=args, daemon=True).start()


# ---- attack -----------------------------------------------------------------

def messages(stream):
    """Payloads of all requests that a client sent, over all connections."""
    found = []
    at = 0
    while at + 8 <= len(stream):
        if stream[at:at + 8] == GREETING:
            at += 8
            continue
        size = struct.unpack(">Q", stream[at:at + 8])[0]
        found.append(stream[at + 8:at + 8 + size])
        at += 8 + size
    return found


def framed(payload):
    return struct.pack(">Q", len(payload)) + payload


def request(number, frame):
    return framed(struct.pack(">I", 0x80000000 | number) + frame)


def bend(draw, frame):
    """A frame with something wrong."""
    how = draw.randrange(5)
    data = bytearray(frame)
    if how == 0 and data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    elif how == 1:
        del data[draw.randrange(len(data) + 1):]
    elif how == 2:
        data += draw.randbytes(draw.randrange(1, 2000))
    elif how == 3:
        data = bytearray(draw.randbytes(draw.randrange(1, 4000)))
    else:
        data[:4] = draw.randbytes(4)
    return bytes(data)


def assaults(draw, frames):
    """What one connection sends: name and bytes."""
    one = draw.choice(frames)
    some = b"".join(request(i, bend(draw, f)) for i, f in enumerate(frames))
    return draw.choice((
        ("noise", draw.randbytes(draw.randrange(1, 70000))),
        ("nothing", b""),
        ("greeting only", GREETING),
        ("another protocol", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("a replier greets", b"\0SP\0\0\x31\0\0"),
        ("length of 2^63", GREETING + b"\x7f" + b"\xff" * 7 + b"x" * 100),
        ("length of all ones", GREETING + b"\xff" * 8 + b"x" * 100),
        ("a byte too long", GREETING + framed(draw.randbytes(65540))),
        ("cut in the middle", GREETING + request(1, one)[:-3]),
        ("no request number", GREETING + framed(b"\x01")),
        ("number without end bit",
         GREETING + framed(b"\0\0\0\1" * 200 + one)),
        ("empty messages", GREETING + framed(b"") * 50),
        ("one frame again and again",
         GREETING + b"".join(request(i, one) for i in range(20))),
        ("a whole conversation again",
         GREETING + b"".join(request(i, f) for i, f in enumerate(frames))),
        ("a conversation bent", GREETING + some),
    ))


def send(port, data):
    with socket.socket() as s:
        s.settimeout(WAIT_S)
        s.bind(("127.0.0.2", 0))
        s.connect(("127.0.0.1", port))
        try:
            s.sendall(data)
            while s.recv(65536):
                pass
        except (TimeoutError, ConnectionError):
            pass  # closed, or nothing said: both are fine


def attack(port, path, seed, rounds):
    with open(path, "rb") as file:
        frames = [m[4:] for m in messages(file.read()) if len(m) > 4]
    if len(frames) < 4:
        sys.exit(f"only {len(frames)} frames of a real device")
    draw = random.Random(int(seed))
    seen = {}
    for _ in range(int(rounds)):
        name, data = assaults(draw, frames)
        seen[name] = seen.get(name, 0) + 1
        send(int(port), data)
    for name, count in sorted(seen.items()):
        print(f"{count:4}  {name}")


def main():
    what = {"proxy": proxy, "attack": attack}[sys.argv[1]]
    what(*sys.argv[2:])


if __name__ == "__main__":
    main()
