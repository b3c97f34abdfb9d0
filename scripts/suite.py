"""The whole suite: on SQLite, and all that asks a database on a PostgreSQL started for it as well.

Usage: suite.py [--only sqlite|postgresql] [arguments for pytest …]
The suite is cut into lanes, each one pytest in one process, and four lanes run at a time: a process that stays remembers what it has set
up (tests/remembering.py), and while some wait for their browser, database or a process they started, the others fill two cores. What
stands behind the pages is driven on both databases. The pages themselves are driven on SQLite by the journeys, in a browser, and drawn
for every route by the access sweep; their own tests run on PostgreSQL, to keep the suite short.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

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
AT_A_TIME = 4
NOTHING_TO_RUN = 5
"""How pytest ends when the arguments deselect everything in a lane."""


@dataclass
class Lane:
    """One pytest: its name, its database, what it runs."""

    name: str
    database: str
    arguments: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)


INTEGRATION = ROOT / "tests" / "integration"
REPORTING = INTEGRATION / "reporting"
PROCESSES = (INTEGRATION / "config" / "test_transports.py", INTEGRATION / "test_outbox_survives_kills.py")
"""What starts processes of the house and waits for them, a minute in all."""
MAIN = ("tests/integration", *(f"--ignore={path}" for path in (REPORTING, *PROCESSES)))
HALF = (INTEGRATION / "assessments", INTEGRATION / "payments")
"""Half of the main lane by time: PostgreSQL's is cut there, for it would end long after the others."""
REST = ("tests", "--ignore=tests/journeys", *(f"--ignore={path}" for path in INTEGRATION.iterdir() if path != REPORTING))
NO_PAGES = tuple(f"--ignore={path}" for path in sorted(INTEGRATION.rglob("test_*pages.py")))
LANES = (
    Lane("integration", "sqlite", (*MAIN, *NO_PAGES)),
    Lane("half_on_postgresql", "postgresql", tuple(map(str, HALF))),
    Lane("journeys", "sqlite", ("tests/journeys",)),
    Lane("postgresql", "postgresql", (*MAIN, *(f"--ignore={path}" for path in HALF))),
    Lane("rest", "sqlite", (*REST, *NO_PAGES)),
    Lane("rest_on_postgresql", "postgresql", (*REST, "--ignore=tests/unit")),
    Lane("processes", "sqlite", tuple(map(str, PROCESSES))),
)
"""The longest first; the others fill what these leave. Every lane has a database of its own."""


def main() -> int:
    only, arguments = _arguments(sys.argv[1:])
    started = time.monotonic()
    RESULTS.mkdir(parents=True, exist_ok=True)
    lanes = [lane for lane in _lanes(arguments) if only in ("", lane.database)]
    running: list[subprocess.Popen[str]] = []
    try:
        with postgres.server(small=True) if only != "sqlite" else nullcontext("") as url, ThreadPoolExecutor(AT_A_TIME) as pool:
            for lane in pool.map(lambda lane: _run(lane, _database(lane, url), arguments, running), lanes):
                totals = lane.counts
                say(f"{lane.name}: {totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    except BaseException:
        for process in running:
            process.terminate()
        raise
    totals = sum((lane.counts for lane in lanes), Counter())
    say(f"\nAll lanes in {_minutes(time.monotonic() - started)}.")
    say(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] or not totals["passed"] else 0


def _lanes(arguments: list[str]) -> tuple[Lane, ...]:
    """The whole suite's; one a database when the arguments themselves say where to look."""
    if any((ROOT / argument.partition("::")[0]).exists() for argument in arguments if not argument.startswith("-")):
        return Lane("postgresql", "postgresql", ()), Lane("sqlite", "sqlite", ())
    return LANES


def _arguments(given: list[str]) -> tuple[str, list[str]]:
    if given[:1] != ["--only"]:
        return "", given
    if given[1:2] not in (["sqlite"], ["postgresql"]):
        raise Failure("--only wants the name of a database.", "Write --only sqlite or --only postgresql.")
    return given[1], given[2:]


def _database(lane: Lane, url: str) -> str:
    """The lane's address on the server that was started, or none."""
    return urlsplit(url)._replace(path=f"/{lane.name}").geturl() if lane.database == "postgresql" else ""


def _run(lane: Lane, url: str, arguments: list[str], running: list[subprocess.Popen[str]]) -> Lane:
    """Run one lane to its end, say its lines as they come, and count what it did from its own report."""
    report = RESULTS / f"{lane.name}.xml"
    report.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "pytest", "-q", "--durations=5", f"--junitxml={report}", *lane.arguments, *arguments]
    started = time.monotonic()
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(argv, cwd=ROOT, env=_environment(url), **streams) as process:
        running.append(process)
        for line in process.stdout:
            say(f"{lane.name:>18} │ {line.rstrip()}")
    say(f"{lane.name:>18} │ {_minutes(time.monotonic() - started)}")
    if process.returncode not in (0, 1, NOTHING_TO_RUN) or not report.exists():
        raise Failure(f"pytest stopped in the lane {lane.name} (exit status {process.returncode}).", "Read what it says above.")
    lane.counts = _counts(report)
    if process.returncode == 1 and not lane.counts["failed"]:
        lane.counts["failed"] = 1
    return lane


def _environment(url: str) -> Mapping[str, str]:
    environment = {key: value for key, value in os.environ.items() if key in OURS}
    environment |= {"DJANGO_ALLOW_ASYNC_UNSAFE": "true", "PYTHONUNBUFFERED": "1"}
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
