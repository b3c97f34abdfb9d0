"""SIGKILL of web, worker, database, scanner and storage amid saves, uploads and submissions: everything acknowledged is there afterwards.

    python soak/kills.py [--minutes M] [--every SECONDS] [--seed S]

Applicants save, upload (whole and in pieces) and submit over HTTP without pause; every few seconds, at random, one of these is killed: a
web process, all of the web, the worker, beat, every process of PostgreSQL at once, the virus scanner, or the line to the bucket. Then:
nothing acknowledged is lost or overwritten, nothing is there twice, every receipt is one paper and one event, every file is whole under
its hash and scanned, the trail verifies, the books balance, and the outbox is done with its messages.
"""

import argparse
import asyncio
import hashlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "soak")]

import _around  # noqa: E402
import postgres  # noqa: E402

from benchmarks._applicants import MOST_FILES, Crowd, prepare, reckoning  # noqa: E402
from benchmarks._house import House, house  # noqa: E402

APPLICANTS = 40
"""For each minute: whoever has sent in has nothing more to do, and kills amid nothing prove nothing."""
AT_ONCE = 6
WEIGHTS = {"save": 12, "page": 2, "upload": 2, "pieces": 3, "submit": 1}
VICTIMS = ("a web process", "web", "worker", "beat", "database", "scanner", "storage")
OUTBOX_PATIENCE = 200
"""Seconds: the lease of a worker that was killed, and the next try."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1.5)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between kills, on average")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.cluster(postgres.LASTING))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        scanner = stack.enter_context(_around.scanner(Path(folder) / "scanner"))
        storage, variables = stack.enter_context(_around.storage(Path(folder) / "bucket"))
        os.environ |= {"DATABASE_URL": cluster.url, "DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": folder}
        os.environ |= variables | {"LOG_LEVEL": "ERROR", "CLAMD_URL": f"unix://{folder}/scanner/clamd"}
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        applicants = prepare(round(APPLICANTS * max(1, asked.minutes)))
        connections.close_all()
        with house(url=cluster.url, folder=Path(folder)) as built:
            crowd = Crowd(port=built.port, applicants=applicants)
            killed = asyncio.run(storm(crowd, Targets(built, cluster, {"scanner": scanner, "storage": storage}), asked))
            built.until_ready()
            waiting = outbox_left()
        told = reckoning(crowd) | verdicts() | files(crowd) | {"outbox_waiting": waiting}
        connections.close_all()
    done = {kind: len(times) for kind, times in crowd.times.items()}
    print(json.dumps({"seed": asked.seed, "killed": killed, "acknowledged": done, "not_answered": sum(crowd.errors.values())} | told))
    wrong = ("lost", "duplicates", "overwritten", "receipts_wrong", "files_lost", "files_unscanned", "outbox_waiting")
    return 1 if any(told[name] for name in wrong) or not (told["audit_verified"] and told["books_balanced"]) else 0


@dataclass
class Targets:
    """What can be killed."""

    built: House
    cluster: postgres.Cluster
    around: dict[str, _around.Part]


async def storm(crowd: Crowd, targets: Targets, asked: argparse.Namespace) -> Counter[str]:
    """Work and kills, side by side, until the time is over."""
    random, until = Random(asked.seed), time.monotonic() + asked.minutes * 60
    workers = [asyncio.create_task(toil(crowd, Random(asked.seed + number), until)) for number in range(AT_ONCE)]
    killed: Counter[str] = Counter()
    victims = list(VICTIMS)
    while time.monotonic() < until:
        await asyncio.sleep(random.uniform(0.5, 1.5) * asked.every)
        if not victims:
            victims = list(VICTIMS)
        victim = victims.pop(random.randrange(len(victims)))
        await asyncio.to_thread(strike, victim, targets, random)
        killed[victim] += 1
    await asyncio.gather(*workers)
    return killed


def strike(victim: str, targets: Targets, random: Random) -> None:
    """Kill it, leave it dead for a moment, start it again."""
    if victim == "a web process":
        targets.built.kill_one_web_process(random.randrange(10))
    elif victim == "database":
        targets.cluster.kill()
        time.sleep(random.uniform(0, 1))
        targets.cluster.start_again()
    elif victim in targets.around:
        targets.around[victim].kill()
        time.sleep(random.uniform(0, 3))
        targets.around[victim].start()
    else:
        targets.built.kill(victim)
        time.sleep(random.uniform(0, 1))
        targets.built.start(victim)


async def toil(crowd: Crowd, random: Random, until: float) -> None:
    """One thing after the other. Who has submitted leaves the others to it."""
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    while time.monotonic() < until and (busy := [one for one in crowd.applicants if not one.is_submitting or not one.receipt]):
        applicant = random.choice(busy)
        kind = random.choices(kinds, weights)[0]
        if kind == "submit" and random.random() < 0.5:
            continue
        if applicant.is_submitting:
            kind = "submit"  # it was tried, and the answer was lost
        elif kind in ("upload", "pieces") and len(applicant.uploaded) >= MOST_FILES:
            kind = "save"
        if not await crowd.act(kind, applicant, due=time.monotonic()):
            await asyncio.sleep(0.2)


def outbox_left() -> int:
    """How many messages still wait once the worker had time to itself."""
    from django.db.models import Q
    from django.utils import timezone

    from notifications.models import OutboxMessage

    until = time.monotonic() + OUTBOX_PATIENCE
    while True:
        due = Q(available_at__lt=timezone.now()) | Q(kind="document.scan")
        waiting = OutboxMessage.objects.filter(due, done_at=None, given_up_at=None).count()
        if not waiting or time.monotonic() > until:
            return waiting
        time.sleep(1)


def files(crowd: Crowd) -> dict[str, int]:
    """Whether every file that was acknowledged is there, whole, and out of quarantine."""
    from applications.models import Document

    found = {"files": 0, "files_lost": 0, "files_unscanned": 0}
    acknowledged = {sha256 for applicant in crowd.applicants for sha256 in applicant.uploaded}
    for document in Document.objects.filter(sha256__in=acknowledged):
        found["files"] += 1
        found["files_unscanned"] += document.scan_state != "clean"
        with suppress(OSError), document.file.open("rb") as opened:
            if hashlib.sha256(opened.read()).hexdigest() == document.sha256:
                continue
        found["files_lost"] += 1
    return found


def verdicts() -> dict[str, bool | int]:
    from django.utils import timezone

    from audit import sealer, verify
    from payments.books import check_books

    sealer.seal(at=timezone.now())
    found = verify.verify_all()
    for problem in found.problems:
        print(problem)
    return {"audit_verified": found.is_good, "audit_events": found.events, "books_balanced": check_books() == []}


if __name__ == "__main__":
    sys.exit(main())
