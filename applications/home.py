"""What waits for a person among applications, for the landing page."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Lower
from django.urls import reverse

from accounts.access import held_by, reach
from accounts.home import UNDER_WAY, Asked, HomeItem, contributes, counted, grouped, holds, named, one_by_one
from accounts.models import Organisation, Person, RoleAssignment
from accounts.roles import COMPANY_ROLES, Permission
from applications.actions import applications as actions
from applications.actions.appeals import judges
from applications.models import Appeal, Application, Assignment, AssistedAnswer, Company, Message
from applications.policies import what_stops
from applications.presenters.pages import is_signed
from applications.presenters.timelines import who_has_it
from applications.reading import read
from applications.redress import APPEAL_WITHIN
from design.words import in_words
from notifications.models import FailingAddress
from workflow.guards import allowed


@contributes
def for_companies(person: Person, at: datetime) -> Iterable[HomeItem | Asked]:
    """Drafts to finish; what is on its way; where to begin for whoever has neither company nor a role."""
    held = held_by(person)
    if not held.pairs:
        register = reverse("applications:register")
        return [HomeItem("Register your company", "Then you can apply. Your colleagues join its team.", register)]
    if not reach(person, Permission.COMPANY_VIEW).organisations:
        return []
    mine = Application.objects.of_team(person).for_pages()
    found = (mine.going() | mine.told_no_since(at - APPEAL_WITHIN)).order_by("-started_at", "-pk")[:20]
    if not found and Company.objects.of_team(person).written_for_by(person).exists():
        return [HomeItem("Start an application", "See which rounds are open.", reverse("applications:home"))]
    items: list[HomeItem | Asked] = []
    writes = reach(person, Permission.APPLICATION_EDIT).organisations
    for application in found:
        if application.state == Application.State.APPROVED and application.notified_at:
            continue  # its award tells the rest
        may_write = application.company.organisation_id in writes
        title = f"{application.reference}: {application.title or 'no title yet'}"
        text = who_has_it(application, at=at)
        if application.state in application.OVER and application.waits_for_nobody:
            text = f"{application.public_state}. See why, and what you can do."
            items.append(HomeItem(title, text, application.get_absolute_url(), group=UNDER_WAY))
        elif application.is_written_in and not may_write:
            items.append(HomeItem(title, f"{application.public_state}. {text}", application.get_absolute_url(), group=UNDER_WAY))
        elif application.is_being_changed:
            items.append(HomeItem(f"Change {title}", text, reverse("applications:changes", args=[application.reference])))
        elif application.is_draft and application.due_at > at and application.round.state != "cancelled":
            items.append(_to_finish(application, title, text, person, at))
        elif not application.is_draft:
            items.append(HomeItem(title, f"{application.public_state}. {text}", application.get_absolute_url(), group=UNDER_WAY))
    asked = Assignment.objects.filter(application__in=[one.pk for one in found], assignee=person, ended_at=None).exclude(assigned_by=person)
    items.append(one_by_one(asked.order_by("due_on", "pk"), _to_write, "application__version", "assigned_by"))
    return [*items, *_typed_for_you(person)]


def _to_write(one: Assignment) -> HomeItem:
    due = f", by {in_words(one.due_on)}" if one.due_on else ""
    where = reverse("applications:section", args=[one.application.reference, one.section])
    return HomeItem(f"Write “{one.title}”", f"{one.assigned_by} asks you to{due}.", where)


def _to_finish(application: Application, title: str, text: str, person: Person, at: datetime) -> HomeItem:
    """`Sign …`, on the page where one signs, for whoever may and where nothing else is missing; otherwise `Finish …`."""
    if allowed(actions.check_may_sign, application, person=person)[0] and not application.is_expression:
        is_whole = not read(application, at=at).missing() and not what_stops(application, at=at)
        if is_whole:
            where = reverse("applications:check", args=[application.reference]) + "#declaration"
            if is_signed(application):
                return HomeItem(f"Send in {title}", f"It is signed. {text}", where)
            return HomeItem(f"Sign {title}", f"Only the signature is missing. {text}", where)
    return HomeItem(f"Finish {title}", text, reverse("applications:form", args=[application.reference]))


def _typed_for_you(person: Person) -> Iterable[Asked]:
    """What staff typed on the telephone, for whoever confirms it."""
    owned = reach(person, Permission.TEAM_MANAGE).organisations
    if not owned:
        return
    waiting = AssistedAnswer.objects.filter(
        settled_at=None, application__company__organisation__in=owned, application__state__in=Application.WRITTEN_IN
    )
    yield grouped(waiting, "application__reference", _to_confirm)


def _to_confirm(reference: str, number: int) -> HomeItem:
    text = "You told us on the telephone. It does not count before you confirm it."
    return HomeItem(f"Confirm what we typed for {reference}", text, reverse("applications:typed", args=[reference]))


@contributes
def unreachable(person: Person, at: datetime) -> Iterable[Asked]:
    """Companies on the way whose people no mail reaches: somebody must ring them."""
    if not (holds(person, Permission.APPLICATION_SCREEN) and FailingAddress.objects.standing().exists()):
        return
    failing = FailingAddress.objects.standing().order_by("-pk").values("address")[:200]
    people = Person.objects.annotate(address=Lower("email")).filter(address__in=failing).values("pk")
    teams = RoleAssignment.objects.filter(ends_at=None, role__in=COMPANY_ROLES, person__in=people).values("scope")
    companies = Organisation.objects.annotate(place=Concat(Value("organisation:"), Cast("pk", CharField()))).filter(place__in=teams)
    found = Application.objects.for_staff(person).going().filter(company__organisation__in=companies.values("pk"))
    since = Q(submitted_at__gt=OuterRef("submitted_at")) | Q(submitted_at=OuterRef("submitted_at"), pk__gt=OuterRef("pk"))
    later = found.filter(since, company=OuterRef("company"))
    latest = found.filter(~Exists(later)).order_by("-submitted_at", "-pk")
    yield one_by_one(latest, _to_ring, "company__organisation")


def _to_ring(application: Application) -> HomeItem:
    text = "Ring them: their address has to be put right."
    return HomeItem(f"Mail to {application.company.name} comes back", text, application.staff_path())


@contributes
def for_officers(person: Person, at: datetime) -> Iterable[Asked]:
    """Referrals to decide, questions to answer, and changes that never came."""
    if not holds(person, Permission.APPLICATION_SCREEN):
        return
    queue, theirs, state = reverse("manage_applications:queue"), Application.objects.for_staff(person), Application.State
    text = "The rules ask for a person to look."
    yield counted(theirs.filter(state=state.REFERRED), "Decide referred applications", text, f"{queue}?state=referred")
    text = "Invite those who should apply in full."
    yield counted(theirs.filter(state=state.EXPRESSED), "Read expressions of interest", text, f"{queue}?state=expressed")
    questions = Message.objects.unanswered().filter(application__in=Application.objects.staff_may_write_about(person))
    yield one_by_one(questions.order_by("sent_at", "pk"), _to_answer, "application")
    late = theirs.filter(state=state.CHANGES_REQUESTED, changes_until__lte=at).order_by("changes_until", "pk")
    yield named(late, "reference", _about("No changes came for {}", "Give more time, or go on with what was sent in."))


@contributes
def for_second_looks(person: Person, at: datetime) -> Iterable[Asked]:
    """What the company asked to be looked at again: findings to review, appeals to judge, and what those that were upheld left to do."""
    theirs = Application.objects.for_staff(person)
    if holds(person, Permission.APPLICATION_REINSTATE):
        wait = theirs.filter(state=Application.State.INELIGIBLE, review_asked_at__isnull=False, reviewed_at=None)
        text = "The company asked for it."
        yield named(wait.order_by("review_asked_at", "pk"), "reference", _about("Review the eligibility of {}", text))
        to_judge = Appeal.objects.filter(application__in=theirs, state__in=[Appeal.State.LODGED, Appeal.State.ADMITTED])
        related = ("application__case", "application__company", "application__round__programme")
        yield one_by_one(to_judge.order_by("lodged_at", "pk"), lambda appeal: _to_judge(appeal, person), *related)
    if holds(person, Permission.APPLICATION_SCREEN):
        upheld = Appeal.objects.filter(application__in=theirs, state=Appeal.State.UPHELD).order_by("judged_at", "pk")
        line = _about("Put right what the appeal on {} found", "It was upheld.")
        yield named(upheld, "application__reference", line)


@contributes
def for_ruling_out(person: Person, at: datetime) -> Iterable[Asked]:
    """Requests to rule out that wait for a second person."""
    if not holds(person, Permission.APPLICATION_RULE_OUT):
        return
    asked = Application.objects.for_staff(person).filter(
        ruling_out_asked_at__isnull=False, state__in=Application.CAN_BE_RULED_OUT
    ).exclude(ruling_out_asked_by=person)  # fmt: skip
    line = _about("Rule out {}, or not", "Somebody asked for it and said why.")
    yield named(asked.order_by("ruling_out_asked_at", "pk"), "reference", line)


def _about(title: str, text: str) -> Callable[[str], HomeItem]:
    """A line that leads staff to the application whose reference it names."""
    return lambda reference: HomeItem(title.format(reference), text, f"/manage/applications/{reference}/")


def _to_answer(message: Message) -> HomeItem:
    about = message.application
    return HomeItem(f"Answer a question about {about.reference}", message.body[:120], f"{about.staff_path()}messages/")


def _to_judge(appeal: Appeal, person: Person) -> HomeItem | None:
    if person not in judges(appeal):
        return None
    about = appeal.application
    return HomeItem(f"Judge the appeal on {about.reference}", "You took no part in it.", about.staff_path())
