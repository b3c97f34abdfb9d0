"""How fast the trail verifies, beside the least that any verifier must do: fetch each event, hash it, parse it.

    python benchmarks/audit_verify.py [events]

Writes that many events (100,000 unless told) into a database of its own: a fresh SQLite file, or a fresh schema of the PostgreSQL that
DATABASE_URL names. Prints one line per measurement; of PostgreSQL's a table goes into docs/performance.md.
"""

import json
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

import _bench as bench
import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEMO", "1")
TOLD: list[tuple[str, float, float]] = []
"""Name, events a second, and events for each second of this process's CPU."""
START = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
EVENTS_A_CASE = 40


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        with own_schema(connection):
            call_command("migrate", verbosity=0)
            measure("write in bulk", number, lambda: write(number))
            from audit import checkpoints, verify

            measure("seal and sign", number, lambda: checkpoints.sign(at=START))
            measure("bare loop: fetch, hashlib, json", number, lambda: bare_loop(connection))
            report = measure("audit verify, everything", number, verify.verify_all)
            if not report.is_good:
                raise SystemExit(report.sentence())
            measure("the same, chains alone", number, lambda: chains(connection))
            if connection.vendor == "postgresql":
                bench.publish("verify", table() + "\n\n" + bench.machine())


class own_schema:  # noqa: N801 - reads as a statement
    """On PostgreSQL, a schema that is there for the run alone."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        if self.connection.vendor == "postgresql":
            self.connection.settings_dict["OPTIONS"]["options"] = "-c search_path=audit_bench"
            self.connection.close()
            self._execute("DROP SCHEMA IF EXISTS audit_bench CASCADE", "CREATE SCHEMA audit_bench")

    def __exit__(self, *exception):
        if self.connection.vendor == "postgresql":
            self._execute("DROP SCHEMA audit_bench CASCADE")
        self.connection.close()

    def _execute(self, *statements):
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def measure(name, number, act):
    started, worked = perf_counter(), process_time()
    result = act()
    seconds, busy = perf_counter() - started, process_time() - worked
    print(f"{name:<34} {seconds:8.2f} s {number / seconds:12,.0f} events/s {number / busy:12,.0f} per CPU second", flush=True)
    TOLD.append((name, number / seconds, number / busy))
    return result


def table():
    """What was measured, each beside the bare loop."""
    bare = next(per_cpu for name, _, per_cpu in TOLD if name.startswith("bare"))
    rows = [f"| {name.capitalize()} | {rate:,.0f} | {per_cpu:,.0f} | {per_cpu / bare:.2f} |" for name, rate, per_cpu in TOLD]
    return "\n".join(["| What | Events a second | For each second of CPU | Beside the bare loop |", "|---|---:|---:|---:|", *rows])


def write(number):
    """Cases of forty events that look like steps; one event in four has a note."""
    from audit import trail

    for start in range(0, number, 4000):
        trail.append(
            trail.Draft(
                stream=f"case:BENCH-{place // EVENTS_A_CASE:05d}",
                kind="application.save",
                actor=7 + place % 5,
                at=START + timedelta(seconds=place),
                subject=f"applications.application:{place // EVENTS_A_CASE}",
                before={"state": "draft", "grant_requested_pence": 1_000_000 + place},
                after={"state": "submitted", "grant_requested_pence": 1_000_001 + place, "submitted_by": 7},
                personal={} if place % 4 else {"note": f"Looked at again on day {place}"},
            )
            for place in range(start, min(start + 4000, number))
        )


def bare_loop(connection):
    """What no verifier can leave out."""
    previous = ""
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT body, hash FROM audit_event ORDER BY id")
        while rows := cursor.fetchmany(5000):
            for body, stored in rows:
                if sha256(body).hexdigest() != stored or json.loads(bytes(body))["previous"] == previous:
                    raise SystemExit("not the hash that was stored")


def chains(connection):
    from audit.checks import events
    from audit.checks.report import Report

    events.check_chains(connection, Report())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
