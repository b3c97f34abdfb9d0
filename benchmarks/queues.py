"""What lists cost as a programme grows: queries and time of a page, at each size.

    python benchmarks/queues.py [size …]        (100, 10,000 and 100,000 applications unless told)

Makes one database a size on the PostgreSQL that DATABASE_URL names (or on one started for it), fills it with `manage.py seed scale`, and
leaves it there: a server that is kept is filled once for each state of the migrations. Then one process a size fetches each list through
Django's test client, the sizes taking turns, so that whatever else the machine does meets all of them alike. Prints a table and writes it
into docs/performance.md.
"""

import hashlib
import json
import os
import subprocess
import sys
from statistics import median
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

import _bench as bench

SIZES = [100, 10_000, 100_000]
QUEUES = (
    ("Applications, officer", "officer", "/manage/applications/"),
    ("Reviews, assessor", "assessor-1", "/assess/"),
    ("Claims, finance", "finance", "/finance/claims/"),
    ("Payments, finance", "finance", "/finance/payments/"),
    ("Payment runs, finance", "finance", "/finance/runs/"),
    ("Awards, officer", "officer", "/manage/awards/"),
    ("Bank details, finance", "finance", "/finance/bank/"),
    ("Rounds in assessment, officer", "officer", "/manage/assessment/"),
    ("Ranking of one round, lead", "lead", "/manage/assessment/{round}/ranking/"),
    ("Decisions of one round, lead", "lead", "/manage/assessment/{round}/decisions/"),
    ("Streams of the trail, auditor", "auditor", "/audit/"),
    ("One case's trail, auditor", "auditor", "/audit/streams/{stream}/"),
    ("Figures, funder", "funder", "/funder/diagcomm/"),
    ("API: applications, funder", "api", "/api/v1/applications/"),
    ("API: payments, funder", "api", "/api/v1/payments/"),
    ("Home, officer", "officer", "/home/"),
    ("Finance, finance", "finance", "/finance/"),
)
FETCHES = 15
MOST_QUERIES, MOST_GROWTH = 12, 1.5
Fetch = dict[str, float]


def main(sizes: list[int]) -> None:
    folder = os.environ.setdefault("VAR_DIR", str(bench.ROOT / "var" / "benchmarks"))  # keys are kept with what they encrypt
    with bench.server() as url:
        addresses = [filled(url, size, folder) for size in sizes]
        told = measure([reader(address, folder) for address in addresses])
        text = table(sizes, told) + "\n\n" + "\n".join(verdicts(sizes, told))
        bench.setting(addresses[0], folder)
        bench.publish("queues", f"{text}\n\n{bench.machine()}")


def filled(url: str, size: int, folder: str) -> str:
    """The address of a database with so many applications; made and filled unless it is there."""
    import psycopg
    from psycopg import sql

    migrations = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(bench.ROOT.glob("*/migrations/0*.py"))))
    name = f"bench_lists_{size}_{migrations.hexdigest()[:8]}"
    address = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return address
        half = sql.Identifier(f"{name}_half")
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(half))
        server.execute(sql.SQL("CREATE DATABASE {}").format(half))
        told = subprocess.run([sys.executable, __file__, "--fill", str(size)], env=environment(f"{address}_half", folder), check=False)
        if told.returncode:
            raise SystemExit(f"{size:,} applications could not be written")
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(half, sql.Identifier(name)))
    return address


def environment(address: str, folder: str) -> dict[str, str]:
    own = {"DATABASE_URL": address, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
    return os.environ | own | {"CACHE_URL": "locmemcache://"}  # a cache each: what is kept of one size says nothing of another


def reader(address: str, folder: str) -> "subprocess.Popen[str]":
    """A process that fetches the list whose number it is told, and says what that cost."""
    argv = [sys.executable, "-W", "ignore", __file__, "--read"]
    return subprocess.Popen(argv, env=environment(address, folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def measure(readers: "list[subprocess.Popen[str]]") -> list[list[list[Fetch]]]:
    """For each list and each size, what every fetch cost; the first of each, which warms up, is left out."""
    told: list[list[list[Fetch]]] = [[[] for _ in readers] for _ in QUEUES]
    for turn in range(FETCHES + 1):
        for place, (name, _, _) in enumerate(QUEUES):
            for size, process in enumerate(readers):
                cost = asked(process, place)
                if not cost:
                    raise SystemExit(f"{name} could not be fetched")
                if turn:
                    told[place][size].append(cost)
    for process in readers:
        process.communicate()
    return told


def asked(process: "subprocess.Popen[str]", place: int) -> Fetch:
    print(place, file=process.stdin, flush=True)
    return json.loads((process.stdout.readline() if process.stdout else "") or "{}")


def read() -> None:
    """Fetch what is asked for on standard input, line by line."""
    import django

    django.setup()
    known = examples()
    clients: dict[str, Any] = {}
    for line in sys.stdin:
        _, who, path = QUEUES[int(line)]
        if who not in clients:
            clients[who] = bench.key_holder() if who == "api" else bench.signed_in(who)
        client, path = clients[who], path.format(**known)
        with bench.counted() as queries:
            started, worked = perf_counter(), process_time()
            page = client.get(path)
            seconds, busy = perf_counter() - started, process_time() - worked
        if page.status_code != 200:
            raise SystemExit(f"{who} asked for {path} and was answered {page.status_code}")
        rows = next(filter(None, map(page.content.count, (b"<tr", b"task-list__item", b'"reference"'))), 0)
        print(json.dumps({"queries": len(queries), "wall": seconds * 1000, "cpu": busy * 1000, "rows": rows}), flush=True)


def fill(size: int) -> None:
    """So many applications in an empty database, those of the sample included, and fresh statistics for the planner."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from applications.models import Application
    from notifications import outbox
    from reporting.demo import scale, workshop

    call_command("migrate", verbosity=0)
    with outbox.no_doorbell():
        workshop.fill(now=timezone.now(), past_days=scale.PAST_DAYS)
    call_command("seed", "scale", str(max(1, size - Application.objects.count())))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def examples() -> dict[str, str]:
    """A round and a case, the same ones whatever the size: the first round, and the case whose story is the longest in it."""
    from applications.models import Application
    from grants.models import Round

    round = Round.objects.earliest("pk")
    paid = Application.objects.filter(round=round, award__claims__state="paid").earliest("pk")
    return {"round": round.reference, "stream": paid.stream}


def middle(fetches: list[Fetch], what: str) -> float:
    return median(fetch[what] for fetch in fetches)


def table(sizes: list[int], told: list[list[list[Fetch]]]) -> str:
    lines = ["| List | Applications | Rows shown | Queries | Time, median | CPU of Python |", "|---|---:|---:|---:|---:|---:|"]
    for (name, _, path), fetched in zip(QUEUES, told, strict=True):
        for size, fetches in zip(sizes, fetched, strict=True):
            rows, queries, wall, cpu = (middle(fetches, what) for what in ("rows", "queries", "wall", "cpu"))
            lines.append(f"| {name} (`{path}`) | {size:,} | {rows:.0f} | {queries:.0f} | {wall:.0f} ms | {cpu:.0f} ms |")
    return "\n".join(lines)


def verdicts(sizes: list[int], told: list[list[list[Fetch]]]) -> list[str]:
    """What the table says, a sentence for each list that does not hold what lists must, and one for all others."""
    good, said = [], []
    for (name, _, _), fetched in zip(QUEUES, told, strict=True):
        counts = [int(middle(fetches, "queries")) for fetches in fetched]
        growth = max(middle(fetches, "wall") for fetches in fetched[1:] or fetched) / middle(fetched[0], "wall")
        if len(set(counts)) == 1 and counts[0] <= MOST_QUERIES and growth <= MOST_GROWTH:
            good.append(f"{name} ({growth:.2f})")
        else:
            said.append(f"- **Not met** by {name}: queries {', '.join(map(str, counts))}; {growth:.2f} times as long.")
    return [f"- The same number of queries, at most {MOST_QUERIES}, and within {MOST_GROWTH} times the time: {', '.join(good)}.", *said]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--read"]:
            read()
        case ["--fill", number]:
            fill(int(number))
        case given:
            main([int(text.replace(",", "")) for text in given] or SIZES)
