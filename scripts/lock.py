"""Write the locks anew: hashed, for every Python from 3.11, and naming no package index."""

import os
import subprocess
import sys

from prepare import REQUIREMENTS, VENV, node
from terminal import ROOT, Failure, command, say

LOCKS = ("runtime", "dev", "node", "lock")


def main() -> None:
    uv = VENV / "bin" / "uv"
    more = ["--upgrade"] if "--upgrade" in sys.argv else []
    for name in LOCKS:
        say(f"• requirements/{name}.txt")
        argv = [uv, "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
        run([*argv, "--no-emit-index-url", *more, "-o", f"{name}.txt", f"{name}.in"], cwd=REQUIREMENTS)
    _, npm = node()
    say("• package-lock.json")
    run([*npm, "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"], cwd=ROOT)
    for path in [*(REQUIREMENTS / f"{name}.txt" for name in LOCKS), ROOT / "package-lock.json"]:
        if '"resolved"' in path.read_text() or (path.suffix == ".txt" and "://" in path.read_text()):
            raise Failure(f"{path.name} names a package index.", "Take the address out: a lock must work with any mirror.")


def run(argv: list, *, cwd: os.PathLike) -> None:
    if subprocess.run(list(map(str, argv)), cwd=cwd).returncode != 0:
        raise Failure("Resolving failed; the message above says why.", "Mend requirements/*.in or package.json.")


if __name__ == "__main__":
    command(main)
