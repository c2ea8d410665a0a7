"""What a person sees on a terminal of 80 columns.

    screen.py COMMAND [ARG...]

Runs the command with standard output and error on a pseudo terminal of that
width, nothing typed, and writes what came there, without the carriage returns
of the terminal; ends with the status of the command.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

COLUMNS = 80
SECONDS = 60  # a command that says nothing for so long waits for somebody


def run(command, columns=COLUMNS):
    """Bytes and exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, columns, 0, 0))
    seen = bytearray()
    while True:
        if not select.select([terminal], [], [], SECONDS)[0]:
            os.kill(pid, signal.SIGKILL)
            seen += b"\n(waits for something)\n"
            break
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return bytes(seen).replace(b"\r\n", b"\n"), os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    text, ended = run(sys.argv[1:])
    sys.stdout.buffer.write(text)
    sys.exit(ended)
