"""Whose trail a person may read."""

from typing import Any

from django.db.models import BigIntegerField, Case, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast, Coalesce, Substr
from django.db.models.lookups import GreaterThan

from accounts.access import can, held_by, reach
from accounts.models import Person
from accounts.roles import COMPANY_ROLES, Permission
from applications.barriers import closed_to
from applications.models import Application
from audit.models import StreamHead
from payments.models import PaymentRun

ORGANISATION = "organisation:"


def streams_visible_to(person: Person) -> QuerySet[StreamHead]:
    """The streams an auditor reads: all of them, or those of their programmes. Nobody audits a company they belong to."""
    seen = reach(person, Permission.AUDIT_VIEW)
    if not (seen.everywhere or seen.programmes):
        return StreamHead.objects.none()
    own = {int(scope.removeprefix("organisation:")) for role, scope in held_by(person).pairs if role in COMPANY_ROLES}
    streams = StreamHead.objects.exclude(stream__in=[f"organisation:{pk}" for pk in own])
    if own:
        streams = streams.exclude(_case(Application.objects.filter(company__organisation__in=own)))
    closed = Application.objects.filter(closed_to(person))
    if closed.exists():
        streams = streams.exclude(_case(closed))
    if seen.everywhere:
        return streams
    theirs = Application.objects.filter(round__programme__slug__in=seen.programmes)
    runs = PaymentRun.objects.filter(programme__slug__in=seen.programmes, reference=_after("payment_run:"))
    named = When(stream__startswith=ORGANISATION, then=Cast(Substr("stream", len(ORGANISATION) + 1), BigIntegerField()))
    return streams.alias(organisation=Case(named)).filter(
        Q(stream__in=[f"programme:{slug}" for slug in seen.programmes])
        | _case(theirs)
        | _company(theirs)
        | Q(_any(runs), stream__startswith="payment_run:")
    )


def may_read_case(person: Person, application: Application) -> bool:
    """Whether the person works on this case, and so sees its history on staff pages. The company's own people do not."""
    return can(person, Permission.APPLICATION_VIEW, on=application) or can(person, Permission.AUDIT_VIEW, on=application)


def _case(applications: QuerySet) -> Q:
    """The streams of these applications' cases."""
    return Q(_any(applications.filter(reference=_after("case:"))), stream__startswith="case:")


def _company(applications: QuerySet) -> Q:
    """The streams of the companies that sent these applications, where `organisation` is the id that a stream names."""
    return Q(_any(applications.filter(company__organisation=OuterRef("organisation"))), organisation__isnull=False)


def _any(records: QuerySet) -> Any:
    """Whether there is one, looked up stream by stream. (Of EXISTS, PostgreSQL reads all records first and hashes them, for any page.)"""
    first = Subquery(records.order_by().values("pk")[:1])
    return GreaterThan(Coalesce(first, 0, output_field=BigIntegerField()), 0)


def _after(prefix: str) -> Substr:
    return Substr(OuterRef("stream"), len(prefix) + 1)
