"""What a person sees of assessment: the rounds, and the applications in them."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import reach, require
from accounts.models import Person
from accounts.refusals import Denied
from accounts.roles import Permission
from applications.models import Application, Company
from assessments.models import Assessment, Conflict
from assessments.policies import READS
from grants.models import Round


def seen_by(person: Person) -> QuerySet[Round]:
    """Rounds of programmes that the person works on, chairs or sits on the panel of."""
    mine = Q(pk__in=Round.objects.visible_to(person).values("pk"))
    for permission in READS:
        there = reach(person, permission)
        mine |= Q(programme__slug__in=there.programmes)
        if there.everywhere:
            return Round.objects.all()
    return Round.objects.filter(mine)


def check_may_read(person: Person, round: Round) -> None:
    """Raise Denied for a colleague who has no part in assessment."""
    for permission in READS[:-1]:
        try:
            return require(person, permission, on=round)
        except Denied:
            continue
    return require(person, READS[-1], on=round)


def applications(person: Person, round: Round) -> QuerySet[Application]:
    """Those sent in to a round, without the person's own company's, those they are conflicted on and those they assess themselves."""
    own = reach(person, Permission.COMPANY_VIEW).organisations
    barred = Conflict.objects.barring().filter(person=person, application=OuterRef("pk"))
    theirs = Assessment.objects.filter(assessor=person, application=OuterRef("pk"))
    return (
        Application.objects.filter(~Exists(barred), ~Exists(theirs), round=round, submitted_at__isnull=False)
        .exclude(company__organisation__in=own)
        .for_pages()
    )


def hidden_from(person: Person, round: Round) -> set[int]:
    """By number, the applications of a round that `closed_to` names."""
    return set(closed_to(person, round).values_list("pk", flat=True))


def closed_to(person: Person, round: Round) -> QuerySet[Application]:
    """The applications of a round that `applications` leaves out: few, whatever the size of the round."""
    own = reach(person, Permission.COMPANY_VIEW).organisations
    barred = Conflict.objects.barring().filter(person=person, application__round=round).values("application")
    theirs = Assessment.objects.filter(assessor=person, application__round=round).values("application")
    closed = Q(pk__in=barred) | Q(pk__in=theirs) | Q(company__organisation__in=own, round=round)
    return Application.objects.filter(closed).order_by()


def readable_by(person: Person) -> QuerySet[Round]:
    """Rounds whose assessment the person has a part in."""
    mine = Q(pk=None)
    for permission in READS:
        there = reach(person, permission)
        if there.everywhere:
            return Round.objects.all()
        mine |= Q(programme__slug__in=there.programmes)
    return Round.objects.filter(mine)


def people_known(round: Round, *, at: datetime) -> QuerySet[Person]:
    """Who may have advised a company: everybody with a role on the programme."""
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    held = Q(role_assignments__scope=round.programme.scope, role_assignments__starts_at__lte=at)
    return Person.objects.filter(held & running, is_active=True).distinct().order_by("name", "pk")


def companies_of(round: Round) -> QuerySet[Company]:
    """The companies that sent something in to the round."""
    sent = Application.objects.filter(round=round, submitted_at__isnull=False).values("company")
    return Company.objects.filter(pk__in=sent).select_related("organisation").order_by("organisation__name", "pk")
