"""What the set-up says: one line a step, how long it took, and on failure the cause and the mend.

Everything in `scripts/` that runs before the virtual environment exists uses the standard library only.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", ROOT / "var"))
T = TypeVar("T")


class Failure(Exception):
    """Something that stops the set-up: what went wrong, and what to do about it."""

    def __init__(self, cause: str, mend: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.mend = mend


def say(text: str) -> None:
    """One line, at once: progress must show while it is still progress."""
    print(text, flush=True)


def step(name: str, argv: Sequence[str | Path], *, mend: str, env: Mapping[str, str] | None = None) -> None:
    """Run one command quietly, with a sign of life, and show its last lines only when it fails."""
    log = VAR_DIR / "logs" / "set-up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    print(f"• {name} ", end="", flush=True)
    with log.open("a+", encoding="utf-8", errors="replace") as output:
        output.write(f"\n$ {' '.join(map(str, argv))}\n")
        output.flush()
        beginning = output.tell()
        quiet = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(list(map(str, argv)), cwd=ROOT, env=env, **quiet)
        code = _wait(process)
        seconds = time.monotonic() - started
        if code == 0:
            say(f"{seconds:.0f} s")
            return
        say("failed")
        output.seek(beginning)
        for line in output.read().splitlines()[-25:]:
            say(f"    {line}")
    raise Failure(f"{name} failed (exit status {code}; all its output is in {log}).", mend)


def _wait(process: subprocess.Popen) -> int:
    """Wait, with a dot every three seconds; take the child along when interrupted."""
    try:
        while True:
            try:
                return process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                print(".", end="", flush=True)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def done(name: str) -> None:
    """Say that a step had nothing to do."""
    say(f"• {name} – already done")


def command(main: Callable[[], int | None]) -> NoReturn:
    """Run a script's main; a failure is two sentences and exit status 1, an interrupt is 130."""
    try:
        sys.exit(main() or 0)
    except Failure as failure:
        say(f"\n✗ {failure.cause}\n  What to do: {failure.mend}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nStopped.")
        sys.exit(130)
