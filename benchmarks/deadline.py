"""The hour before a deadline, replayed over HTTP against real processes on a real PostgreSQL that keeps what it commits.

    python -m benchmarks.deadline [--minutes M] [--editors N] [--rate R] [--knee S] [--database URL] [--json]

`--rate` is saves a second, averaged over the replay; pages, uploads and submissions follow in the proportions of the deadline hour (30
saves and 25 pages a second, 400 submissions an hour). Twice as many applications as there are editors are in already. It begins with an
opening spike (twice the rate for a tenth of the time); half of the submissions come in the last fifth, each sent three times at once, and
in the last tenth every page is asked for three times, a second apart: who has not got it by then hangs up and asks again. Then the round
closes, and some try still. Latency counts from when a request was due. `--knee S`: before that, S seconds each at growing rates until the
service no longer keeps up; 0 leaves it out.
Prints what was measured; with `--json` one object on one line. Fails when anything acknowledged is lost, doubled, late or overwritten.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from benchmarks._applicants import COUNTED, Applicant, Crowd, prepare, reckoning
from benchmarks._house import House, house

PAGES_PER_SAVE = 25 / 30
SUBMISSIONS_PER_SAVE = 400 / 3600 / 30
UPLOADS_PER_SAVE = 1 / 20
KNEE_STEPS = (10, 20, 30, 40, 50, 65, 80, 100, 130)
WARMING = 200
"""Saves and pages before the hour: the service has been up for days when a deadline comes, not for seconds."""
LATE = 5
SETTLED = 120
"""Seconds within which the worker should have nothing left of what was before."""
CLOSING_MARGIN = 0.5
"""Seconds before the round closes from which a refusal may be a right one: a request in flight is judged when it is handled."""
LIMITS = {"save": 0.3, "submit": 1.0}
MOST_ERRORS = 0.001


def main() -> int:
    asked = arguments()
    with database(asked.database) as url, tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": url,
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        applicants = prepare(asked.editors, background=2 * asked.editors)
        with house(url=url, folder=Path(folder)) as built:
            told = run(asked, built, applicants)
        from django.db import connections

        connections.close_all()
    print(json.dumps(told) if asked.json else report(told), flush=True)
    return 1 if any(told[name] for name in ("lost", "duplicates", "late", "overwritten", "receipts_wrong")) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deadline")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--editors", type=int, default=100)
    parser.add_argument("--rate", type=float, default=30.0, help="saves a second")
    parser.add_argument("--knee", type=float, default=6.0, help="seconds at each of the growing rates; 0: none")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; otherwise one is started")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def database(given: str) -> Iterator[str]:
    if given:
        yield given
        return
    import postgres

    sys.stdout.flush()
    quiet, sys.stdout = sys.stdout, sys.stderr
    try:
        with postgres.server(lasting=True) as url:
            sys.stdout = quiet
            yield url
    finally:
        sys.stdout = quiet


def run(asked: argparse.Namespace, built: House, applicants: list[Applicant]) -> dict[str, Any]:
    warm = Crowd(port=built.port, applicants=applicants)
    asyncio.run(replay(warm, [Due(place / 20, kind) for place in range(WARMING) for kind in ("save", "page")], Random(1)))
    until_delivered()
    knee = asyncio.run(climb(built.port, applicants, asked.knee)) if asked.knee else []
    seconds = asked.minutes * 60
    closes_at = close_in(seconds)
    crowd = Crowd(port=built.port, applicants=applicants)
    before, started = worked(built), time.monotonic()
    crowd.closes = started + seconds - CLOSING_MARGIN
    asyncio.run(replay(crowd, plan(asked.rate, seconds), Random(2)))
    took, after = time.monotonic() - started, worked(built)
    late = Crowd(port=built.port, applicants=[applicant for applicant in applicants if not applicant.receipt][:LATE])
    time.sleep(max(0.0, seconds + 1 - (time.monotonic() - started)))
    asyncio.run(replay(late, [Due(0, "submit") for _ in late.applicants], Random(3)))
    told = figures(crowd, took) | reckoning(crowd, closes_at=closes_at)
    refused = f"{len(late.applicants) - len(late.times['submit'])} of {len(late.applicants)}"
    return told | {
        "refused_after_the_deadline": refused,
        "rate": asked.rate,
        "editors": asked.editors,
        "minutes": asked.minutes,
        "cpu_seconds": {name: round(after[name] - before[name], 1) for name in before},
        **summit(knee),
    }


def worked(built: House) -> dict[str, float]:
    """CPU seconds so far of each part of the service, and of the crowd, which shares the machine with it."""
    return {name: built.cpu_seconds(name) for name in built.running} | {"crowd": time.process_time()}


def until_delivered() -> None:
    """Wait until the worker has delivered what the making of the sample put in the outbox: it is no part of the hour."""
    from django.utils import timezone

    from notifications.models import OutboxMessage

    until = time.monotonic() + SETTLED
    while OutboxMessage.objects.waiting(timezone.now()).exists() and time.monotonic() < until:
        time.sleep(0.2)


@dataclass(frozen=True)
class Due:
    """Something that somebody does, so many seconds after the start."""

    at: float
    kind: str


def plan(rate: float, seconds: float) -> list[Due]:
    """Arrivals at random, in the shape of the hour before a deadline."""
    random, found = Random(7), []
    for kind, share in (("save", 1.0), ("page", PAGES_PER_SAVE), ("upload", UPLOADS_PER_SAVE)):
        at = 0.0
        while (at := at + random.expovariate(rate * share * intensity(at / seconds))) < seconds:
            found.append(Due(at, "reload" if kind == "page" and at > seconds * 0.9 else kind))
    for _ in range(max(2, round(rate * SUBMISSIONS_PER_SAVE * seconds))):
        last_fifth = random.random() < 0.5
        found.append(Due(seconds * (random.uniform(0.8, 0.97) if last_fifth else random.uniform(0.1, 0.8)), "submit"))
    return sorted(found, key=lambda due: due.at)


def intensity(part: float) -> float:
    return 2.0 if part < 0.1 else 0.9


async def replay(crowd: Crowd, dues: list[Due], random: Random) -> None:
    """Do everything when it is due, whether or not what came before is answered."""
    started, tasks, fresh = time.monotonic(), set(), list(crowd.applicants)
    random.shuffle(fresh)
    for due in dues:
        await asyncio.sleep(max(0.0, started + due.at - time.monotonic()))
        applicant = fresh.pop() if due.kind == "submit" and fresh else random.choice(crowd.applicants)
        tasks.add(asyncio.create_task(crowd.act(due.kind, applicant, due=started + due.at)))
    await asyncio.gather(*tasks)


async def climb(port: int, applicants: list[Applicant], seconds: float) -> list[dict[str, float]]:
    """Saves and pages at growing rates, until a limit is broken."""
    steps = []
    for rate in KNEE_STEPS:
        crowd, random = Crowd(port=port, applicants=applicants), Random(rate)
        dues = [
            Due(random.uniform(0, seconds), kind)
            for kind, share in (("save", 1.0), ("page", PAGES_PER_SAVE))
            for _ in range(round(rate * share * seconds))
        ]
        started = time.monotonic()
        await replay(crowd, sorted(dues, key=lambda due: due.at), random)
        took, done = time.monotonic() - started, len(crowd.times["save"])
        p95 = spread(crowd.times["save"])["p95"]
        steps.append({"rate": rate, "saves_per_second": round(done / took, 1), "save_p95_ms": p95, "errors": sum(crowd.errors.values())})
        if p95 > LIMITS["save"] * 1000 or sum(crowd.errors.values()) > MOST_ERRORS * len(dues):
            break
    return steps


def summit(steps: list[dict[str, float]]) -> dict[str, Any]:
    """The highest rate that was held, and the first that was not."""
    good = [step for step in steps if step["save_p95_ms"] <= LIMITS["save"] * 1000 and step["errors"] <= MOST_ERRORS * step["rate"] * 10]
    broke = next((step for step in steps if step not in good), None)
    return {"knee": {"held": good[-1] if good else None, "broke": broke}} if steps else {}


def close_in(seconds: float) -> Any:
    """Let the round close so many seconds from now."""
    from django.utils import timezone

    from applications.models import Application
    from grants.actions.rounds import CLOSING
    from grants.models import Round
    from workflow.models import Deadline

    at = timezone.now() + timedelta(seconds=seconds)
    round = Application.objects.filter(state="draft").latest("pk").round_id
    Round.objects.filter(pk=round).update(closes_at=at)
    Deadline.objects.filter(record_type="grants.round", record_id=round, name=CLOSING).update(due_at=at)
    return at


def figures(crowd: Crowd, took: float) -> dict[str, Any]:
    done, errors = sum(len(crowd.times[kind]) for kind in COUNTED), sum(crowd.errors.values())
    return {
        "requests": done + errors,
        "errors": errors,
        "given_up": crowd.given_up,
        "refused_as_late": sum(crowd.too_late.values()),
        "error_kinds": dict(crowd.reasons.most_common(5)),
        "seconds": round(took, 1),
        **{kind: spread(crowd.times[kind]) | {"per_second": round(len(crowd.times[kind]) / took, 1)} for kind in COUNTED},
    }


def spread(times: list[float]) -> dict[str, float]:
    if len(times) < 2:
        return dict.fromkeys(("p50", "p95", "p99"), round(1000 * sum(times), 1))
    steps = quantiles(times, n=100, method="inclusive")
    return {f"p{place}": round(steps[place - 1] * 1000, 1) for place in (50, 95, 99)}


def report(told: dict[str, Any]) -> str:
    lines = [
        f"{told['requests']:,} requests in {told['seconds']} s, {told['errors']} errors {told['error_kinds'] or ''}, "
        f"{told['given_up']} given up for another, {told['refused_as_late']} came too late and were refused"
    ]
    lines += [
        f"  {kind:<7} p50 {told[kind]['p50']:8.0f} ms   p95 {told[kind]['p95']:8.0f} ms   p99 {told[kind]['p99']:8.0f} ms   "
        f"{told[kind]['per_second']:6.1f} a second" for kind in COUNTED
    ]  # fmt: skip
    kept = ("receipts", "receipts_wrong", "lost", "duplicates", "late", "overwritten", "refused_after_the_deadline")
    lines.append("  " + ", ".join(f"{name.replace('_', ' ')} {told[name]}" for name in kept))
    lines.append("  CPU: " + ", ".join(f"{name} {spent} s" for name, spent in told["cpu_seconds"].items()))
    if "knee" in told:
        lines.append(f"  the knee: held {told['knee']['held']}, broke at {told['knee']['broke']}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
