"""What waits for a person among applications, for the landing page."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models.functions import Lower
from django.urls import reverse

from accounts.access import held_by, reach
from accounts.home import UNDER_WAY, HomeItem, contributes, number_of
from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES, Permission
from applications.actions.appeals import judges
from applications.models import Appeal, Application, Assignment, AssistedAnswer, Company, Message
from applications.presenters.timelines import who_has_it
from applications.redress import APPEAL_WITHIN
from design.words import in_words
from notifications.models import FailingAddress


@contributes
def for_companies(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Drafts to finish; what is on its way; where to begin for whoever has neither company nor a role."""
    held = held_by(person)
    if not held.pairs:
        register = reverse("applications:register")
        return [HomeItem("Register your company", "Then you can apply. Your colleagues join its team.", register)]
    if not reach(person, Permission.COMPANY_VIEW).organisations:
        return []
    mine = Application.objects.of_team(person).for_pages()
    found = (mine.going() | mine.told_no_since(at - APPEAL_WITHIN)).order_by("-started_at", "-pk")[:20]
    items, writes = [], reach(person, Permission.APPLICATION_EDIT).organisations
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
            items.append(HomeItem(f"Finish {title}", text, reverse("applications:form", args=[application.reference])))
        elif not application.is_draft:
            items.append(HomeItem(title, f"{application.public_state}. {text}", application.get_absolute_url(), group=UNDER_WAY))
    asked = Assignment.objects.filter(application__in=[one.pk for one in found], assignee=person, ended_at=None).exclude(assigned_by=person)
    for one in asked.select_related("application__version", "assigned_by").order_by("due_on", "pk")[:10]:
        due = f", by {in_words(one.due_on)}" if one.due_on else ""
        where = reverse("applications:section", args=[one.application.reference, one.section])
        items.append(HomeItem(f"Write “{one.title}”", f"{one.assigned_by} asks you to{due}.", where))
    items += _typed_for_you(person)
    if not items and not found and Company.objects.of_team(person).exists():
        items.append(HomeItem("Start an application", "See which rounds are open.", reverse("applications:home")))
    return items


def _typed_for_you(person: Person) -> list[HomeItem]:
    """What staff typed on the telephone, for whoever confirms it."""
    owned = reach(person, Permission.TEAM_MANAGE).organisations
    if not owned:
        return []
    waiting = AssistedAnswer.objects.filter(
        settled_at=None, application__company__organisation__in=owned, application__state__in=Application.WRITTEN_IN
    )
    found = waiting.values_list("application__reference", flat=True).distinct().order_by("application__reference")
    text = "You told us on the telephone. It does not count before you confirm it."
    return [HomeItem(f"Confirm what we typed for {one}", text, reverse("applications:typed", args=[one])) for one in found[:10]]


@contributes
def unreachable(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Companies on the way whose people no mail reaches: somebody must ring them."""
    if not (_holds(person, Permission.APPLICATION_SCREEN) and FailingAddress.objects.standing().exists()):
        return []
    failing = FailingAddress.objects.standing().order_by("-pk").values("address")[:200]
    people = Person.objects.annotate(address=Lower("email")).filter(address__in=list(failing.values_list("address", flat=True)))
    scopes = RoleAssignment.objects.filter(ends_at=None, role__in=COMPANY_ROLES, person__in=people).values_list("scope", flat=True)
    companies = [int(scope.partition(":")[2]) for scope in scopes]
    found = Application.objects.for_staff(person).going().filter(company__organisation__in=companies)
    found = found.select_related("company__organisation")
    text = "Ring them: their address has to be put right."
    latest: dict[int, Application] = {}
    for one in found.order_by("-submitted_at", "-pk")[:50]:
        latest.setdefault(one.company_id, one)
    return [HomeItem(f"Mail to {one.company.name} comes back", text, one.staff_path()) for one in list(latest.values())[:10]]


@contributes
def for_officers(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Referrals to decide, and requests to rule out that wait for a second person."""
    queue = reverse("manage_applications:queue")
    items = []
    if _holds(person, Permission.APPLICATION_SCREEN):
        referred = number_of(Application.objects.for_staff(person).filter(state=Application.State.REFERRED))
        if referred:
            text = "The rules ask for a person to look."
            items.append(HomeItem("Decide referred applications", text, f"{queue}?state=referred", referred))
        expressed = number_of(Application.objects.for_staff(person).filter(state=Application.State.EXPRESSED))
        if expressed:
            text = "Invite those who should apply in full."
            items.append(HomeItem("Read expressions of interest", text, f"{queue}?state=expressed", expressed))
        questions = Message.objects.unanswered().filter(application__in=Application.objects.staff_may_write_about(person))
        items += [
            HomeItem(f"Answer a question about {one.application.reference}", one.body[:120], f"{one.application.staff_path()}messages/")
            for one in questions.select_related("application").order_by("sent_at", "pk")[:10]
        ]
        late = Application.objects.for_staff(person).filter(state=Application.State.CHANGES_REQUESTED, changes_until__lte=at)
        items += [
            HomeItem(f"No changes came for {one.reference}", "Give more time, or go on with what was sent in.", one.staff_path())
            for one in late.order_by("changes_until", "pk")[:10]
        ]
    if _holds(person, Permission.APPLICATION_REINSTATE):
        wait = Application.objects.for_staff(person).filter(
            state=Application.State.INELIGIBLE, review_asked_at__isnull=False, reviewed_at=None
        ).order_by("review_asked_at", "pk")[:10]  # fmt: skip
        items += [HomeItem(f"Review the eligibility of {one.reference}", "The company asked for it.", one.staff_path()) for one in wait]
        items += [
            HomeItem(f"Judge the appeal on {one.application.reference}", "You took no part in it.", one.application.staff_path())
            for one in Appeal.objects.filter(
                application__in=Application.objects.for_staff(person), state__in=[Appeal.State.LODGED, Appeal.State.ADMITTED]
            ).select_related("application__case", "application__company", "application__round__programme").order_by("lodged_at", "pk")[:10]
            if person in judges(one)
        ]  # fmt: skip
    if _holds(person, Permission.APPLICATION_SCREEN):
        upheld = Appeal.objects.filter(application__in=Application.objects.for_staff(person), state=Appeal.State.UPHELD)
        items += [
            HomeItem(f"Put right what the appeal on {one.application.reference} found", "It was upheld.", one.application.staff_path())
            for one in upheld.select_related("application").order_by("judged_at", "pk")[:10]
        ]
    if _holds(person, Permission.APPLICATION_RULE_OUT):
        asked = Application.objects.for_staff(person).filter(
            ruling_out_asked_at__isnull=False, state__in=Application.CAN_BE_RULED_OUT
        ).exclude(ruling_out_asked_by=person)  # fmt: skip
        items += [
            HomeItem(f"Rule out {one.reference}, or not", "Somebody asked for it and said why.", one.staff_path())
            for one in asked.order_by("ruling_out_asked_at", "pk")[:10]
        ]
    return items


def _holds(person: Person, permission: Permission) -> bool:
    seen = reach(person, permission)
    return seen.everywhere or bool(seen.programmes)
