"""Memory stays flat and no connection leaks: the same steady work for a while, and what each process holds at the beginning and at the end.

    python soak/endurance.py [--minutes M] [--rate R]

After a warm-up of a quarter of the time, memory and connections to the database are counted every few seconds. It fails when web, worker or
beat end more than a tenth (and 20 MB) above where they were after the warm-up, comparing the medians of the first and the last quarter of
what was taken; when any of them ends with more connections than it had threads; or when any request failed.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import postgres  # noqa: E402

from benchmarks._applicants import Crowd, prepare, reckoning  # noqa: E402
from benchmarks._house import House, house  # noqa: E402
from benchmarks.deadline import Due, figures, replay  # noqa: E402

APPLICANTS = 30
MOST_GROWTH, SLACK_MB = 1.10, 20
MOST_CONNECTIONS = 12
"""Of one part: two web processes with four threads each, and what is being renewed."""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--rate", type=float, default=6.0, help="requests a second")
    asked = parser.parse_args()
    with postgres.server(lasting=True) as url, tempfile.TemporaryDirectory() as folder:
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
        from django.db import connections

        call_command("migrate", verbosity=0)
        applicants = prepare(APPLICANTS)
        connections.close_all()
        with house(url=url, folder=Path(folder)) as built:
            crowd = Crowd(port=built.port, applicants=applicants)
            started = time.monotonic()
            taken = asyncio.run(steady(crowd, built, seconds=asked.minutes * 60, rate=asked.rate))
            told = figures(crowd, time.monotonic() - started)
        kept = reckoning(crowd)
        connections.close_all()
    memory = {name: grown([sample[name] for sample, _ in taken]) for name in taken[0][0]}
    held = {name: grown([sample[name] for _, sample in taken]) for name in taken[0][1]}
    counts = {name: told[name] for name in ("requests", "errors", "error_kinds", "save", "page")}
    print(json.dumps({"memory_mb": memory, "connections": held} | counts | kept))
    grew = [name for name, (before, after) in memory.items() if after > before * MOST_GROWTH + SLACK_MB]
    leaks = [name for name, (_, after) in held.items() if after > MOST_CONNECTIONS]
    return 1 if grew or leaks or told["errors"] or kept["lost"] or kept["overwritten"] else 0


async def steady(crowd: Crowd, built: House, *, seconds: float, rate: float) -> list[tuple[dict[str, float], dict[str, int]]]:
    """The work, and memory and connections counted beside it once everything is warm."""
    random, taken = Random(5), []
    dues = sorted((Due(random.uniform(0, seconds), random.choice(("save", "save", "page"))) for _ in range(int(rate * seconds))), key=_at)
    work = asyncio.create_task(replay(crowd, dues, random))
    await asyncio.sleep(seconds / 4)
    while not work.done():
        taken.append(await asyncio.to_thread(lambda: (built.memory_mb(), built.connections())))
        await asyncio.sleep(max(0.5, seconds / 60))
    await work
    return [*taken, (built.memory_mb(), built.connections())]


def _at(due: Due) -> float:
    return due.at


def grown(samples: Sequence[float]) -> tuple[float, float]:
    """The median of the first quarter, and of the last."""
    part = max(1, len(samples) // 4)
    return round(median(samples[:part]), 1), round(median(samples[-part:]), 1)


if __name__ == "__main__":
    sys.exit(main())
