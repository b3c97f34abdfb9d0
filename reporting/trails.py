"""Whose trail a person may read."""

from django.db.models import F, Q, QuerySet, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat

from accounts.access import can, held_by, reach
from accounts.models import Person
from accounts.roles import COMPANY_ROLES, Permission
from applications.models import Application
from audit.models import StreamHead
from payments.models import PaymentRun


def streams_visible_to(person: Person) -> QuerySet[StreamHead]:
    """The streams an auditor reads: all of them, or those of their programmes. Nobody audits a company they belong to."""
    seen = reach(person, Permission.AUDIT_VIEW)
    if not (seen.everywhere or seen.programmes):
        return StreamHead.objects.none()
    own = {int(scope.removeprefix("organisation:")) for role, scope in held_by(person).pairs if role in COMPANY_ROLES}
    hidden = _names("case:", Application.objects.filter(company__organisation__in=own), "reference")
    streams = StreamHead.objects.exclude(stream__in=hidden).exclude(stream__in=[f"organisation:{pk}" for pk in own])
    if seen.everywhere:
        return streams
    theirs = Application.objects.filter(round__programme__slug__in=seen.programmes)
    return streams.filter(
        Q(stream__in=[f"programme:{slug}" for slug in seen.programmes])
        | Q(stream__in=_names("case:", theirs, "reference"))
        | Q(stream__in=_names("organisation:", theirs, "company__organisation_id"))
        | Q(stream__in=_names("payment_run:", PaymentRun.objects.filter(programme__slug__in=seen.programmes), "reference"))
    )


def may_read_case(person: Person, application: Application) -> bool:
    """Whether the person works on this case, and so sees its history on staff pages. The company's own people do not."""
    return can(person, Permission.APPLICATION_VIEW, on=application) or can(person, Permission.AUDIT_VIEW, on=application)


def _names(prefix: str, records: QuerySet, field: str) -> QuerySet:
    return records.order_by().values_list(Concat(Value(prefix), Cast(F(field), CharField())), flat=True)
