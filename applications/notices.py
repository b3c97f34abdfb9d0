"""Who is told what about an application, in plain words."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts.access import holders
from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES, Permission, Role
from applications.models import Appeal, Application
from applications.redress import how_it_ended
from applications.reminders import due_in_words
from grants.money import format_pence
from grants.policies import in_words
from notifications.outbox import Letter, composes
from workflow.models import StepTaken

ASK_WHY = "Ask why under “Questions and answers” on the page of the application."
"""Our mail comes from an address that nobody reads: who wants to know more writes where it is answered."""


def team_of(application: Application) -> list[Person]:
    """Everybody who belongs to the company now."""
    scope = application.company.organisation.scope
    held = RoleAssignment.objects.filter(Q(ends_at=None), scope=scope, role__in=COMPANY_ROLES)
    return list(Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("pk"))


def officers_of(application: Application) -> list[Person]:
    """The programme's officers, who look at referrals."""
    held = RoleAssignment.objects.filter(Q(ends_at=None), scope=f"programme:{application.round.programme.slug}", role=Role.OFFICER)
    return list(Person.objects.filter(is_active=True, pk__in=held.values("person")).order_by("pk"))


def _to_team(application: Application, subject: str, body: str, *, is_urgent: bool = False) -> Iterable[Letter]:
    path = application.get_absolute_url()
    return [Letter(person, subject, body, path, is_urgent=is_urgent) for person in team_of(application)]


@composes("application.submitted")
def submitted(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """The receipt."""
    what = "expression of interest" if application.is_expression else "application"
    body = (
        f"We have your {what} {application.reference}, “{application.title}”, to {application.round.title}.\n\n"
        f"Received: {in_words(taken.at)}\n"
        f"Fingerprint of what you sent (SHA-256): {application.receipt_sha256}\n\n"
        f"Your receipt, with every word of it, as a PDF: {settings.BASE_URL}{_receipt_path(application)}\n\n"
        "We now check it against the programme's rules. You can see what happens next on its page."
    )
    return _to_team(application, f"We received {application.reference}", body)


def _receipt_path(application: Application) -> str:
    paper = application.current_paper()
    return reverse("applications:receipt-pdf", args=[application.reference, paper.number if paper else 1])


@composes("application.screened")
def screened(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """What the rules made of it: to the team, and to the officers where a person must look."""
    if taken.target == Application.State.INELIGIBLE:
        reasons = "\n".join(f"- {outcome.sentence}" for outcome in application.failed_outcomes())
        body = (
            f"{application.reference} cannot go on, because:\n\n{reasons}\n\n"
            "If a fact is wrong, you can reopen the application and correct it until the round closes. "
            "If you think a rule was applied wrongly, ask for a review on its page within 14 days and a second person will look at it."
        )
        return _to_team(application, f"{application.reference} is not eligible", body)
    if taken.target == Application.State.REFERRED:
        body = f"{application.reference} from {application.company.name} needs your decision: a rule asks for a person to look."
        path = application.staff_path()
        return [Letter(person, f"{application.reference} was referred to you", body, path) for person in officers_of(application)]
    return []


@composes("application.referral_cleared")
def referral_cleared(application: Application, taken: StepTaken) -> Iterable[Letter]:
    goes = "We now decide whom we invite to apply in full" if application.is_expression else "It goes to the assessors next"
    body = f"We looked at {application.reference} and found it eligible. {goes}. You need do nothing."
    return _to_team(application, f"{application.reference} is eligible", body)


@composes("application.refused")
def refused(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"We looked at {application.reference} and found that it is not eligible, for this reason:\n\n{application.refused_because}\n\n"
        "The page of your application says which rule we looked at. If you think that this is wrong, ask for a review there within "
        "14 days and a second person will look at it."
    )
    return _to_team(application, f"{application.reference} is not eligible", body)


@composes("application.invited")
def invited(application: Application, taken: StepTaken) -> Iterable[Letter]:
    until = in_words(application.invited_until) if application.invited_until else ""
    body = (
        f"We read your expression of interest {application.reference}, “{application.title}”, and invite you to apply in full.\n\n"
        f"Send the full application in by {until}. What you have written is kept; the form now asks for the rest."
    )
    return _to_team(application, f"Please apply in full: {application.reference}", body)


@composes("application.not_invited")
def not_invited(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"We read your expression of interest {application.reference}, “{application.title}”, and do not invite you to apply in full.\n\n"
        f"The reason: {application.not_invited_because}\n\n"
        "If you think that this is wrong, say so under “Questions and answers” on its page and a second person will look at it."
    )
    return _to_team(application, f"About your expression of interest {application.reference}", body)


@composes("application.changes_requested")
def changes_requested(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """Which sections, why, and by when."""
    asked = application.change_requests.get(closed_at=None)
    titles = "\n".join(f"- {section.title}" for section in application.version.definition.form.sections if section.id in asked.sections)
    body = (
        f"Please change these sections of {application.reference}:\n\n{titles}\n\n{asked.reason}\n\n"
        f"Send the changes by {in_words(application.changes_until or taken.at)}. All else stays as you sent it in."
    )
    return _to_team(application, f"Please change {application.reference}", body)


@composes("application.changes_later")
def changes_later(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = f"You have more time to change {application.reference}: until {in_words(application.changes_until or taken.at)}."
    return _to_team(application, f"More time to change {application.reference}", body)


@composes("application.changes_given_up")
def changes_given_up(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"We go on with {application.reference} as you sent it in before. You need do nothing. What you had typed since is kept under the "
        "earlier versions of each answer."
    )
    return _to_team(application, f"{application.reference} goes on as it was sent in", body)


@composes("application.resubmitted")
def resubmitted(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """The new receipt to the team; the officers hear that the changes are in."""
    body = (
        f"We have the changes to {application.reference}, “{application.title}”. What you sent in before is kept beside them.\n\n"
        f"Received: {in_words(taken.at)}\n"
        f"Fingerprint of what counts now (SHA-256): {application.receipt_sha256}\n\n"
        f"Your new receipt, as a PDF: {settings.BASE_URL}{_receipt_path(application)}"
    )
    yield from _to_team(application, f"We received the changes to {application.reference}", body, is_urgent=True)
    told = f"{application.company.name} sent the changes that were asked for. They stand before and after on the application's page."
    for person in officers_of(application):
        yield Letter(person, f"Changes to {application.reference}", told, application.staff_path())


@composes("application.reinstated")
def reinstated(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = f"A second person reviewed {application.reference} and found that it can go on after all. You need do nothing."
    return _to_team(application, f"{application.reference} is eligible after a review", body)


@composes("application.review_asked")
def review_asked(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """To those who may reverse a finding, except whoever made it; and to the company, that it is here."""
    here = (
        f"We have the request by {taken.by.name} for a review of {application.reference}:\n\n{application.review_reason}\n\n"
        "Somebody who did not make the finding looks at it. We write to you when they have."
    )
    yield from _to_team(application, f"We received your request for a review of {application.reference}", here)
    body = (
        f"{application.company.name} asks for a review of the finding that {application.reference} is not eligible. Read its reasons, "
        "then reinstate the application or keep the finding."
    )
    made = StepTaken.objects.filter(stream=application.stream, duty="refuse_eligibility").values_list("by_id", flat=True)
    reviewers = holders(application.scopes(), Permission.APPLICATION_REINSTATE)
    subject, path = f"Review the eligibility of {application.reference}", application.staff_path()
    yield from (Letter(person, subject, body, path) for person in reviewers if person.pk not in set(made))


@composes("application.finding_kept")
def finding_kept(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = (
        f"A second person reviewed {application.reference} as you asked, and the finding stands: it is not eligible.\n\n"
        f"{application.review_answer}"
    )
    return _to_team(application, f"{application.reference}: the finding stands", body)


@composes("application.withdrawn")
def withdrawn(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """To the team; where it had been sent in, to the officers, who had it in their plans."""
    reopens = " Until the round closes you can reopen it." if application.round.is_open_at(taken.at) else ""
    body = f"{application.reference} was withdrawn by {taken.by.name}.{reopens}"
    yield from _to_team(application, f"{application.reference} was withdrawn", body)
    if taken.source in Application.WRITTEN_IN:
        return
    told = f"{application.company.name} withdrew {application.reference}, “{application.title}”. Nothing more is done with it."
    for person in officers_of(application):
        yield Letter(person, f"{application.reference} was withdrawn", told, application.staff_path())


@composes("application.reopened")
def reopened(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """Somebody of the team took back what was sent in: everybody of it must know that it has to be sent again."""
    body = (
        f"{taken.by.name} reopened {application.reference}, “{application.title}”, to change it. What you sent in before no longer counts. "
        f"{due_in_words(application)} If it is not signed and sent in again by then, it is not considered."
    )
    return _to_team(application, f"{application.reference} must be sent in again", body, is_urgent=True)


def more_time(application: Application) -> Iterable[Letter]:
    """Extra time for this application alone."""
    return _to_team(application, f"More time for {application.reference}", f"{due_in_words(application)} What you have written is kept.")


@composes("application.ruled_out")
def ruled_out(application: Application, taken: StepTaken) -> Iterable[Letter]:
    body = f"{application.reference} has been ruled out and will not be considered further. {ASK_WHY}"
    return _to_team(application, f"{application.reference} was ruled out", body)


@composes("decision.notified")
def decided(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """The decision, in a sentence; the page says why and what comes next."""
    amount = format_pence(application.decided_amount_pence or 0)
    subject, body = {
        Application.State.APPROVED: (
            f"{application.reference} was successful",
            f"We have decided to support “{application.title}” with a grant of up to {amount}. This is not an offer yet: "
            "some checks come first. The page of your application says what is needed from you.",
        ),
        Application.State.RESERVE: (
            f"{application.reference} is on the reserve list",
            f"“{application.title}” is good enough to fund, but there is not enough money in this round. If a place comes free we will "
            f"write to you. {_stays_until(application)}You need do nothing.",
        ),
        Application.State.DECLINED: (
            f"{application.reference} was not successful",
            f"We have decided not to support “{application.title}” in this round. The page of your application has the assessors' comments "
            "once they are released.",
        ),
    }[Application.State(taken.target)]
    return _to_team(application, subject, body)


def _stays_until(application: Application) -> str:
    """Empty in the preview of a letter: the time begins when the company is told."""
    return f"It stays on the reserve list until {in_words(application.reserve_until)}. " if application.reserve_until else ""


@composes("reserve.expired")
def reserve_expired(application: Application, taken: StepTaken) -> Iterable[Letter]:
    """Nothing came free in time."""
    body = (
        f"No place came free for “{application.title}” while it was on the reserve list of {application.round.title}, so it will not be "
        "funded in this round. Thank you for waiting. You are welcome to apply again when another round opens."
    )
    return _to_team(application, f"{application.reference} has left the reserve list", body)


def appeal_received(appeal: Appeal) -> Iterable[Letter]:
    """That an appeal is here, to the whole team of whoever lodged it."""
    reference = appeal.application.reference
    body = (
        f"We have the appeal that {appeal.lodged_by.name} lodged on {reference}:\n\n{appeal.get_ground_display()}\n\n{appeal.statement}\n\n"
        "Somebody who took no part in your application looks at it. We write to you when they have."
    )
    return _to_team(appeal.application, f"We received your appeal on {reference}", body)


@composes("appeal.told")
def appeal_told(appeal: Appeal, taken: StepTaken) -> Iterable[Letter]:
    """Each turn of an appeal, with the reasons where there are any."""
    reference, ended = appeal.application.reference, how_it_ended(appeal.application)
    follows = f"Your application {ended} since, so it is not looked at again." if ended else "Your application will be looked at again."
    said = {
        "admitted": "Your appeal is taken up. Somebody who took no part in your application looks at it.",
        "refused": "Your appeal is not taken up, for this reason:",
        "upheld": f"Your appeal is upheld. {follows} The reasons:",
        "dismissed": "Your appeal is dismissed, for these reasons:",
        "remedied": "Your application has been taken up again and goes to fresh assessors.",
        "closed": f"Your appeal was upheld. Your application {ended} since, so nothing is left to put right.",
    }[taken.target]
    answer = appeal.answer if taken.target in ("refused", "upheld", "dismissed") else ""
    return _to_team(appeal.application, f"Your appeal on {reference}: {appeal.state_now.public.lower()}", f"{said}\n\n{answer}".strip())
