"""`make check`: every gate is tried, each in a line; those that fail show why at the end."""

import os
import subprocess
import sys
import time

from terminal import ROOT, VAR_DIR, command, say

PYTHON = sys.executable
MANAGE = (PYTHON, "manage.py")
GATES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Style (ruff)", (PYTHON, "-m", "ruff", "check", "."), "make format mends most of it."),
    ("Format (ruff)", (PYTHON, "-m", "ruff", "format", "--check", "."), "make format"),
    ("Types (mypy)", (PYTHON, "-m", "mypy"), "Mend the types, or the code that they found out."),
    ("Import contracts", ("lint-imports",), "An app imports only what stands below it: docs/architecture.md."),
    ("Templates (djlint)", ("djlint", "--lint", "--quiet", "templates"), "Mend the lines it names."),
    ("Dependencies (deptry)", ("deptry", "."), "Name what is imported in requirements/*.in, take out what is not, then make lock."),
    ("Django's checks", (*MANAGE, "check", "--fail-level", "WARNING"), "Mend what it says."),
    ("Migrations", (*MANAGE, "makemigrations", "--check", "--dry-run"), "manage.py makemigrations"),
    ("Lifecycle pages", (*MANAGE, "lifecycles", "--check"), "manage.py lifecycles"),
    ("OpenAPI document", (*MANAGE, "openapi", "--check"), "manage.py openapi"),
    ("Lock files", (PYTHON, "scripts/locked.py"), "make lock"),
)


def main() -> int:
    environment = os.environ | {
        "DEMO": "1",
        "VAR_DIR": str(VAR_DIR / "check"),
        "PATH": f"{os.path.dirname(PYTHON)}{os.pathsep}{os.environ['PATH']}",
    }
    environment.pop("DATABASE_URL", None)
    failed = []
    for name, argv, mend in GATES:
        started = time.monotonic()
        print(f"• {name} ", end="", flush=True)
        asked = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        say(f"{time.monotonic() - started:.0f} s" if asked.returncode == 0 else "✗")
        if asked.returncode != 0:
            failed.append((name, asked.stdout + asked.stderr, mend))
    for name, output, mend in failed:
        say(f"\n━━ {name} ━━\n{output.strip()[-6000:]}\n  What to do: {mend}")
    say(f"\n{len(GATES) - len(failed)} of {len(GATES)} gates passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    command(main)
