"""One round as large as they come, for what assessment costs there: all of its applications in one round, each state represented."""

from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

COMPANIES = 12
REVIEWS_EACH = 2
TOPICS = ("assays", "imaging", "adoption", "regulation", "sepsis", "biosensors", "reagents", "software", "pathology", "screening")


def fill(applications: int, assessors: int) -> Any:
    """So many applications in one round of DIAGCOMM, and so many assessors of it, in a database that is empty. Returns the round.

    A sixth wait for assessors, a quarter are with them, a quarter are in moderation and a third await a proposal.
    """
    from django.utils import timezone

    from accounts.actions import demonstration
    from applications.models import Application
    from notifications import outbox
    from reporting.demo import applying, assessing, records, scale
    from reporting.demo.stage import set_up

    now = timezone.now()
    demonstration.claim(at=now)
    with outbox.no_doorbell():
        stage = set_up("diagcomm", companies=COMPANIES, opens_at=now - timedelta(days=80), open_for=timedelta(days=30), title="Large round")
        sent = applying.apply(stage, records.fictional(COMPANIES, seed=5, least_pence=10_000_00, most_pence=40_000_00))
        applying.screen(stage, sent)
        eligible = [one for one in sent if Application.objects.get(pk=one.application.pk).state == Application.State.ELIGIBLE]
        _with_assessors(stage, eligible[2:])
        _scored(stage, {one.application.pk: one.record.plan for one in eligible[2:6]})
        assessing._moderate(stage, {one.application.pk: one.record.plan for one in eligible[2:6]})
        for kind in ("panel", "interview"):
            assessing._meet(stage, kind)
        _scored(stage, {one.application.pk: "split" for one in eligible[6:9]})
    originals = list(Application.objects.filter(round=stage.round).select_related("company__organisation", "case").order_by("pk"))
    originals = [one for one in originals if one.pk in {each.application.pk for each in eligible}]
    with patch.multiple(scale, REVIEWS_EACH=REVIEWS_EACH, ROUND_EACH=10**9):
        scale.copy(originals, applications - len(originals), now=timezone.now())
    _tell_apart(stage.programme, assessors)
    return stage.round


def _with_assessors(stage: Any, applicants: Any) -> None:
    from applications.models import Application
    from assessments.actions import allocation

    at = stage.clock.wait(days=1)
    for applicant in applicants:
        application = Application.objects.for_pages().get(pk=applicant.application.pk)
        chosen = [candidate.person for candidate in allocation.suggest(application=application, at=at)]
        allocation.allocate(application=application, assessors=chosen, by=stage.officer, at=at)


def _scored(stage: Any, plans: dict[int, str]) -> None:
    from assessments.actions import moderation
    from reporting.demo import assessing

    assessing.score(stage, plans)
    stage.all_taken(moderation.begin_round(round=stage.round, by=stage.officer, at=stage.clock.wait(days=1)))


def _tell_apart(programme: Any, number: int) -> None:
    """Topics, employers and addresses of their own; a few share a postcode, an employer or a team with somebody who applied."""
    from django.db import connection

    from accounts.models import Person, RoleAssignment
    from accounts.roles import Role
    from applications.models import Company
    from assessments.models import AssessorProfile

    random = Random(1)
    held = RoleAssignment.objects.filter(role=Role.ASSESSOR, scope=programme.scope)
    surplus = held.order_by("-pk").values_list("pk", flat=True)[: max(held.count() - number, 0)]
    RoleAssignment.objects.filter(pk__in=list(surplus)).update(ends_at=programme.created_at)
    companies = list(Company.objects.order_by("pk").select_related("organisation")[:1000])
    people = list(Person.objects.filter(pk__in=held.filter(ends_at=None).values("person")).order_by("pk"))
    for place, person in enumerate(people):
        person.name = f"{person.name} {person.pk}"
        person.email = f"assessor-{person.pk}@adviser{place}.org" if person.email.startswith("s0") else person.email
    Person.objects.bulk_update(people, ["name", "email"], batch_size=500)
    profiles = list(AssessorProfile.objects.filter(person__in=people).order_by("person"))
    for place, profile in enumerate(profiles):
        near = companies[random.randrange(len(companies))]
        profile.topics = sorted(random.sample(TOPICS, 3))
        profile.employer, profile.employer_number, profile.max_reviews = f"Advisers {place // 3}", "", 40
        profile.postcode = near.postcode if place % 10 == 0 else ""
        profile.interests = [near.company_number] if place % 10 == 1 else []
    AssessorProfile.objects.bulk_update(profiles, ["topics", "employer", "employer_number", "max_reviews", "postcode", "interests"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
