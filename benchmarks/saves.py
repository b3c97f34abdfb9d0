"""How fast applicants save and submit: eight of them at once, on a real PostgreSQL.

    python benchmarks/saves.py [saves each]        (25 unless told)

Saves are the action behind the page (`answers.save`); submissions are POSTed through Django's test client. Eight threads of one process
share one Python: several server processes on several cores do more. Prints a table and writes it into docs/performance.md.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import quantiles
from time import perf_counter
from typing import Any

import _bench as bench

CLIENTS = 8
COPIES = 60


def main(saves: int) -> None:
    with bench.service("saves"):
        bench.seed(COPIES)
        drafts = begun()
        rows = [measured("Save one answer", drafts, lambda draft: save(draft, saves)), measured("Sign and submit", drafts, submit)]
        table = ["| What eight do at once | Times | p50 | p95 | A second |", "|---|---:|---:|---:|---:|", *rows]
        bench.publish("saves", "\n".join(table) + "\n\n" + bench.machine())


def begun() -> list[tuple[Any, Any]]:
    """Eight drafts with every answer, each with its company's signatory."""
    from django.utils import timezone

    from accounts.models import Person
    from accounts.roles import Role
    from applications import samples
    from applications.actions import applications
    from applications.models import Application, Company
    from grants.models import Round

    now = timezone.now()
    round = Round.objects.get(closes_at__gt=now, opens_at__lt=now - timedelta(hours=1))
    found = []
    copies = Application.objects.filter(reference__contains="-S0").exclude(round=round).values("company")
    for number, company in enumerate(Company.objects.filter(pk__in=copies).order_by("pk")[:CLIENTS], start=1):
        scope = f"organisation:{company.organisation_id}"
        owner = Person.objects.get(role_assignments__scope=scope, role_assignments__role=Role.OWNER)
        signatory = Person.objects.get(role_assignments__scope=scope, role_assignments__role=Role.SIGNATORY)
        draft = applications.start(round=round, company=company, by=owner, at=now)
        found.append((samples.fill(draft, by=owner, at=now, seed=number), signatory))
    return found


def measured(name: str, drafts: list[Any], act: Callable[[Any], list[float]]) -> str:
    """Everybody at once; a row of the table."""
    started = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        times = [time for found in pool.map(act, drafts) for time in found]
    seconds = perf_counter() - started
    steps = quantiles(times, n=20, method="inclusive")
    return f"| {name} | {len(times)} | {steps[9] * 1000:.0f} ms | {steps[18] * 1000:.0f} ms | {len(times) / seconds:.1f} |"


def save(draft: tuple[Any, Any], saves: int) -> list[float]:
    """The same question again and again, a new text each time."""
    from django.db import connection
    from django.utils import timezone

    from applications.actions import answers

    application, by = draft
    times, revision = [], application.answers.get(question="need").revision
    for number in range(saves):
        started = perf_counter()
        text = f"One patient in {number + 3} does not come back for the result. " * 4
        revision = answers.save(application=application, question="need", value=text, revision=revision, by=by, at=timezone.now()).revision
        times.append(perf_counter() - started)
    connection.close()
    return times


def submit(draft: tuple[Any, Any]) -> list[float]:
    """Sign and send in, after a look at the page before it."""
    from django.db import connection
    from django.test import Client

    application, signatory = draft
    client = Client()
    client.force_login(signatory)
    client.get(f"/apply/{application.reference}/check/")
    given = {"name": signatory.name, "position": "Director", "agreed": "on", "key": f"bench-{application.pk}"}
    started = perf_counter()
    answer = client.post(f"/apply/{application.reference}/submit/", given)
    seconds = perf_counter() - started
    connection.close()
    if answer.status_code != 302:
        raise SystemExit(f"Submitting was answered {answer.status_code}")
    return [seconds]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
