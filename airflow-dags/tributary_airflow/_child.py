"""Becomes another program that ends when the process that started it does, however that ends.

A worker that is killed outright can't stop what it runs, and the retry would find it still at work. Linux tells a
process of its parent's death; elsewhere the program starts as it is.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_SIGNAL_OF_PARENTS_DEATH = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_SIGNAL_OF_PARENTS_DEATH, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(128 + signal.SIGTERM)
    try:
        os.execvp(program[0], program)
    except OSError as problem:
        print(f"Cannot start {program[0]}: {problem.strerror}.", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main()
