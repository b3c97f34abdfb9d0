"""The whole suite: everything on SQLite, then all that asks the database, but the browser journeys, on a PostgreSQL started for it.

Usage: suite.py [--only sqlite|postgresql] [arguments for pytest …]
The journeys go through the same actions that the integration tests drive on both databases; they run once, to keep the suite short.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import postgres
from prepare import chromium
from terminal import ROOT, VAR_DIR, Failure, command, say

RESULTS = VAR_DIR / "test-results"
OURS = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TZ",
    "TMPDIR",
    "CI",
    "CHROMIUM",
    "SHELL",
    "VAR_DIR",
    "COLUMNS",
)
"""What the tests see of the environment: our own settings must come from the tests, not from the shell they were started in."""
PARALLEL = ("-n", "2", "--dist", "worksteal")


def main() -> int:
    only, arguments = _arguments(sys.argv[1:])
    started = time.monotonic()
    RESULTS.mkdir(parents=True, exist_ok=True)
    totals: Counter[str] = Counter()
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", postgres.server)):
        if only and only != name.lower():
            continue
        with database() as url:
            more = [] if name == "SQLite" else ["--ignore=tests/journeys"]
            totals += _run(name, url, [*more, *arguments])
    say(f"\nBoth databases in {_minutes(time.monotonic() - started)}." if not only else "")
    say(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] or not totals["passed"] else 0


def _arguments(given: list[str]) -> tuple[str, list[str]]:
    if given[:1] != ["--only"]:
        return "", given
    if given[1:2] not in (["sqlite"], ["postgresql"]):
        raise Failure("--only wants the name of a database.", "Write --only sqlite or --only postgresql.")
    return given[1], given[2:]


@contextmanager
def _sqlite() -> Iterator[str]:
    yield ""


def _run(name: str, url: str, arguments: list[str]) -> Counter[str]:
    """Run pytest once and count what it did, from its own report."""
    say(f"\n━━ The suite on {name}{'' if name == 'SQLite' else ': what asks the database, but the browser journeys, which have run'} ━━")
    report = RESULTS / f"{name.lower()}.xml"
    report.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", *PARALLEL, "--durations=10", f"--junitxml={report}", *arguments]
    started = time.monotonic()
    code = subprocess.run(argv, cwd=ROOT, env=_environment(url)).returncode
    say(f"{name}: {_minutes(time.monotonic() - started)}")
    if code not in (0, 1) or not report.exists():
        raise Failure(f"pytest stopped on {name} (exit status {code}).", "Read what it says above.")
    counts = _counts(report)
    if code == 1 and not counts["failed"]:
        counts["failed"] = 1
    return counts


def _environment(url: str) -> Mapping[str, str]:
    environment = {key: value for key, value in os.environ.items() if key in OURS}
    environment |= {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
    if url:
        environment["DATABASE_URL"] = url
    if found := chromium():
        environment["CHROMIUM"] = found
    return environment


def _counts(report: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - written by pytest a moment ago
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts += Counter(passed=tests - skipped - failed, failed=failed, skipped=skipped)
    return counts


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


if __name__ == "__main__":
    command(main)
