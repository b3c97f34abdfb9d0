"""How fast applicants save and submit: eight of them at once over HTTP, against the processes of the Procfile on a real PostgreSQL.

    python benchmarks/saves.py [saves each]        (25 unless told)

Each client does one thing after the other: what a page's script sends while somebody types, the page itself, and at last the signature
that sends the application in, once each. Beside the times stands what the web processes' CPUs spent on a request, which does not depend
on how busy the machine is with other things. Prints a table and writes it into docs/performance.md.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from statistics import quantiles

import _bench as bench

from benchmarks._applicants import Applicant, Crowd, prepare
from benchmarks._house import House, house

CLIENTS = 8
HEADS = ["| What eight do at once | Times | p50 | p95 | A second | CPU of web, each |", "|---|---:|---:|---:|---:|---:|"]
NAMES = {"save": "Save one answer", "page": "Open a page of the form", "submit": "Sign and submit"}


def main(saves: int) -> None:
    with bench.service("saves"):
        applicants = prepare(CLIENTS + 1)
        folder = Path(os.environ["VAR_DIR"])
        with house(url=os.environ["DATABASE_URL"], folder=folder) as built:
            crowd = Crowd(port=built.port, applicants=applicants)
            *eight, first = applicants
            asyncio.run(warm(crowd, first))
            rows = [measured(crowd, built, kind, eight, times) for kind, times in (("save", saves), ("page", saves), ("submit", 1))]
        bench.publish("saves", "\n".join([*HEADS, *rows]) + "\n\n" + bench.machine())


async def warm(crowd: Crowd, applicant: Applicant) -> None:
    """Everything once and again, so that each process has read the programme."""
    for kind in ["save", "page"] * 15 + ["submit"]:
        await crowd.act(kind, applicant, due=time.monotonic())
    crowd.times.clear()


def measured(crowd: Crowd, built: House, kind: str, applicants: list[Applicant], times: int) -> str:
    """Everybody at once; a row of the table."""
    started, worked = time.monotonic(), built.cpu_seconds("web")
    asyncio.run(all_at_once(crowd, kind, applicants, times))
    seconds, busy, found = time.monotonic() - started, built.cpu_seconds("web") - worked, crowd.times[kind]
    if crowd.errors:
        raise SystemExit(f"Not answered as it should be: {dict(crowd.reasons)}")
    steps = [step * 1000 for step in quantiles(found, n=20, method="inclusive")]
    each = busy / len(found) * 1000
    return f"| {NAMES[kind]} | {len(found)} | {steps[9]:.0f} ms | {steps[18]:.0f} ms | {len(found) / seconds:.1f} | {each:.0f} ms |"


async def all_at_once(crowd: Crowd, kind: str, applicants: list[Applicant], times: int) -> None:
    async def one(applicant: Applicant) -> None:
        applicant.one_at_a_time = asyncio.Lock()  # a lock belongs to one event loop
        for _ in range(times):
            await crowd.act(kind, applicant, due=time.monotonic())

    await asyncio.gather(*map(one, applicants))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
