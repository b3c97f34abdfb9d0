"""`make bench` and `make soak`: every program of a folder, one after the other, on a PostgreSQL that is started for them.

Where DATABASE_URL names one, on that: a server that is kept is filled only once.

Usage: long.py benchmarks|soak. Each program reads DATABASE_URL, says what it measured, and fails with a status of its own.
"""

import os
import subprocess
import sys
from contextlib import nullcontext

import postgres
from terminal import ROOT, VAR_DIR, Failure, command, say


def main() -> int:
    folder = ROOT / (sys.argv[1] if len(sys.argv) == 2 else "")
    programs = [path for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")] if folder != ROOT else []
    if not programs:
        raise Failure(f"There is no program in {folder.name}/.", "Name a folder that holds some: benchmarks or soak.")
    failed = []
    given = os.environ.get("DATABASE_URL", "")
    with nullcontext(given) if given.startswith("postgres") else postgres.server() as url:
        environment = os.environ | {"DATABASE_URL": url, "DEMO": "1", "VAR_DIR": str(VAR_DIR / folder.name), "PYTHONPATH": str(ROOT)}
        for program in programs:
            say(f"\n━━ {folder.name}/{program.name} ━━")
            if subprocess.run([sys.executable, program], cwd=ROOT, env=environment).returncode != 0:
                failed.append(program.name)
    if failed:
        raise Failure(f"{', '.join(failed)} failed.", "Read what is said above.")
    return 0


if __name__ == "__main__":
    command(main)
