"""What must hold before an application takes a step: each check raises a refusal with a code and a sentence."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime, make_aware

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications import changes, crosschecks, money
from applications.papers import answers_digest
from applications.reading import read
from grants.money import format_pence
from grants.policies import RoundClosed, check_has_room, check_round_takes_applications, in_words
from workflow import guards

if TYPE_CHECKING:
    from applications.models import Application
    from applications.models.applications import ApplicationQuerySet
    from grants.models import Round


class SectionsIncomplete(Refused):
    """Something that must be answered is not. `details["missing"]` lists what, in words."""

    code = "sections_incomplete"


class GrantOutOfLimits(Refused):
    """The grant asked for is outside what the programme gives."""

    code = "grant_out_of_limits"


class CostsDoNotFit(Refused):
    """A category of cost is above what the programme allows for it."""

    code = "costs_do_not_fit"


class AnswersDisagree(Refused):
    """Answers do not agree with each other as the programme asks. `details["checks"]` lists reason codes and sentences."""

    code = "answers_disagree"


class DeclarationMissing(Refused):
    """Nobody who may has signed what is about to be sent in."""

    code = "declaration_missing"


def check_round_is_open(application: "Application", *, at: datetime) -> None:
    """By the server's clock, to the second; later only under an extension recorded on the application."""
    until = application.extended_until
    if until is not None and application.closes_at <= at:
        if at < until:
            return
        raise RoundClosed(f"Your extra time ended at {in_words(until)}.", code="extension_over")
    if application.invited_until is not None and application.round.state != "cancelled":
        if at < application.invited_until:
            return
        raise RoundClosed(f"The full application was due at {in_words(application.invited_until)}.", code="invitation_over")
    check_round_takes_applications(application.round, at=at)


def check_not_erased(application: "Application", *, at: datetime) -> None:
    """Once its records are erased, nothing more is done with it."""
    if application.erased_at is not None:
        raise NotAllowedNow(f"The records of {application.reference} were erased at {in_words(application.erased_at)}.", code="erased")


def check_has_a_place(application: "Application", *, at: datetime) -> None:
    """Where the round takes only so many applications: one is left, or this application has its own already. Raises RoundFull."""
    if application.round.most_applications is not None and not application.papers.exists():
        check_has_room(application.round, at=at)


def take_place(application: "Application", *, at: datetime) -> None:
    """The same, with the round held until the transaction ends, so that two cannot take the last place."""
    if application.round.most_applications is not None:
        round_ = type(application.round).objects.select_for_update(no_key=True).get(pk=application.round_id)
        if not application.papers.exists():
            check_has_room(round_, at=at)  # by the number as it is now: it may have been changed since this was read


def check_may_be_taken_up_again(application: "Application", *, at: datetime) -> None:
    """In time that was added for those who could not send theirs in, what was sent in stands, unless the extension says otherwise."""
    added = application.round.changes.filter(kind="extended").order_by("-pk").first()
    if added is not None and at >= added.closes_before and not added.reopens_forms:
        raise NotAllowedNow(
            f"The deadline was {in_words(added.closes_before)}. More time was given to those who could not send theirs in; yours is in.",
            code="extension_is_for_others",
        )


def check_no_other_is_going(application: "Application", *, at: datetime) -> None:
    """A company has one application to a round on its way: where another was begun meanwhile, that one stands."""
    refuse_beside(application.round.applications.filter(company=application.company_id).exclude(pk=application.pk))


def refuse_beside(others: "ApplicationQuerySet") -> None:
    """Raise NotAllowedNow where one of these applications of a company to a round is on its way."""
    if (going := others.going().order_by("pk").first()) is not None:
        raise NotAllowedNow(
            f"Your company already has an application to this round: {going.reference}.", code="already_applying", reference=going.reference
        )


def check_is_written_in(application: "Application", *, at: datetime) -> None:
    """Answers change only in a draft, or where changes were asked for."""
    check_not_erased(application, at=at)
    if not application.is_written_in:
        raise NotAllowedNow(
            f"This application is {application.public_state.lower()}, so its answers cannot be changed.", code="not_a_draft"
        )


def check_can_be_edited(application: "Application", *, at: datetime, questions: Iterable[str] = ()) -> None:
    """A draft, while its round takes applications; or the sections that were to be changed, until they are due."""
    check_is_written_in(application, at=at)
    if not application.is_being_changed:
        check_round_is_open(application, at=at)
        return
    check_changes_in_time(application, at=at)
    form = application.version.definition.form
    closed = {form.section_of(question).id for question in questions} - open_sections(application, at=at)
    if closed:
        titles = ", ".join(section.title for section in form.sections if section.id in closed)
        raise NotAllowedNow(f"Nobody asked for changes to {titles}, so it stays as you sent it in.", code="section_not_open")


def open_sections(application: "Application", *, at: datetime) -> set[str]:
    """The sections that are to be changed, and those in which the changes made something else be asked."""
    request = changes.open_request(application)
    chosen = set(request.sections) if request else set()
    return chosen | {item.section for item in read(application, at=at).missing()}


def check_changes_in_time(application: "Application", *, at: datetime) -> None:
    """By the server's clock; an officer may give more time."""
    until = application.changes_until
    if until is not None and at >= until:
        raise NotAllowedNow(f"The changes were due at {in_words(until)}. Ask for more time if you need it.", code="changes_too_late")


def check_sections_are_complete(application: "Application", *, at: datetime) -> None:
    """Every question that is asked and not optional has an answer that can be sent in; the declaration is looked at apart."""
    missing = read(application, at=at).missing()
    if missing:
        words = ". ".join(f"“{item.label}”: {item.sentence.lower()}" for item in missing[:6])
        more = f". And {len(missing) - 6} more" if len(missing) > 6 else ""
        raise SectionsIncomplete(f"This is not complete yet. {words}{more}.", missing=[item.as_dict() for item in missing])


def check_answers_agree(application: "Application", *, at: datetime) -> None:
    """Every check of the form, and of the sections that are asked, holds."""
    found = crosschecks.disagreements(read(application, at=at))
    if found:
        told = [{"code": one.outcome.code, "sentence": one.sentence, "section": one.section} for one in found]
        raise AnswersDisagree(" ".join(one.sentence for one in found), checks=told)


def check_costs_fit(application: "Application", *, at: datetime) -> None:
    """No category is above its cap, and what is reckoned as a flat rate of another category is within it."""
    if application.is_expression:
        return
    if problem := money.costs_problem(read(application, at=at)):
        raise CostsDoNotFit(problem)


def check_grant_is_within_limits(application: "Application", *, at: datetime) -> None:
    """The grant asked for lies between the programme's least and most, and within the rate for the company's size of the eligible cost."""
    if application.is_expression:
        return
    if problem := money.grant_problem(read(application, at=at)):
        raise GrantOutOfLimits(problem)


def check_documents_are_clean(application: "Application", *, at: datetime) -> None:
    """No document is infected. One that still waits for its scan stays shut, and keeps nobody from sending in on time."""
    kept = [document for documents in read(application, at=at).documents.values() for document in documents]
    for infected in (document for document in kept if document.scan_state == "infected"):
        raise Refused(f"A virus was found in {infected.name}. Remove it and upload a clean copy.", code="document_infected")


def check_declaration_is_signed(application: "Application", *, at: datetime) -> None:
    """The declaration covers exactly what is sent in: an answer changed after signing needs it signed again.

    An expression of interest is not signed: it binds nobody.
    """
    if application.is_expression:
        return
    if application.declared_at is None:
        raise DeclarationMissing(f"{who_signs(application)} must sign the declaration before this can be sent in.")
    if application.declared_sha256 != answers_digest(application):
        raise DeclarationMissing(
            "An answer changed after the declaration was signed, so it must be signed again.", code="declaration_out_of_date"
        )


def what_stops(application: "Application", *, at: datetime, is_whole: bool = True) -> list[str]:
    """The dry run: every sentence that would stop a submission now, what is missing and the signature left out.

    Of one that is not whole yet, what no further answer mends: its time, and an infected file.
    """
    in_time = check_changes_in_time if application.is_being_changed else check_round_is_open
    of_the_whole = (check_answers_agree, check_costs_fit, check_grant_is_within_limits) if is_whole else ()
    checks = (in_time, *of_the_whole, check_documents_are_clean)
    return [sentence for check in checks if (sentence := guards.allowed(check, application, at=at)[1])]


def declaration_of(application: "Application") -> Any:
    """The declaration among the form's questions."""
    form = application.version.definition.form
    return form.question(form.means.declaration)


def who_signs(application: "Application") -> str:
    """Who may sign the declaration under this programme, as a sentence begins."""
    match declaration_of(application).signed_by:
        case "signatory":
            return "An authorised signatory of your company"
        case "another_signatory":
            return "An authorised signatory of your company who wrote none of the answers"
    return "The owner or an authorised signatory of your company"


def check_proposal(application: "Application", *, outcome: str, amount_pence: int, reason: str) -> None:
    """A proposal names an outcome, an amount within what was asked and the limits, and a reason."""
    if outcome not in application.Outcome.values:
        raise Refused("Choose what to propose: approve, reserve, decline or hold.", code="outcome_unknown", field="outcome")
    if not reason.strip():
        raise Refused("Give the reason for your proposal.", code="reason_missing", field="reason")
    if outcome in (application.Outcome.DECLINE, application.Outcome.HOLD):
        return
    if amount_pence <= 0:
        raise Refused("Enter the amount to propose.", code="amount_missing", field="amount_pence")
    if amount_pence > application.grant_requested_pence:
        asked = format_pence(application.grant_requested_pence)
        raise Refused(f"The company asked for {asked}: propose that or less.", code="amount_above_request", field="amount_pence")


def _check_proposed(outcome: str, words: str) -> Callable[..., None]:
    def check(application: "Application", *, at: datetime) -> None:
        if application.proposed_outcome != outcome:
            raise NotAllowedNow(f"What was proposed is not to {words}. Send it back to have that proposed.", code="not_what_was_proposed")

    check.__name__ = f"check_proposed_to_{outcome}"
    check.__doc__ = f"Only what was proposed can be decided: to {words}."
    return check


check_proposed_to_approve = _check_proposed("approve", "approve it")
check_proposed_to_reserve = _check_proposed("reserve", "put it on the reserve list")
check_proposed_to_decline = _check_proposed("decline", "decline it")
check_proposed_to_hold = _check_proposed("hold", "put it on hold")


def check_not_notified(application: "Application", *, at: datetime) -> None:
    """A decision is told once."""
    if application.notified_at is not None:
        raise NotAllowedNow("The company has already been told.", code="already_notified")


def reserve_until(application: "Application", *, at: datetime) -> datetime | None:
    """The end of the last day on the reserve list, for one that is on it and told at `at`; None for any other."""
    if application.state != application.State.RESERVE:
        return None
    last = localtime(at).date() + timedelta(days=application.version.definition.decision.reserve_days)
    return make_aware(datetime.combine(last, time(23, 59)))


def check_reserve_is_over(application: "Application", *, at: datetime) -> None:
    """Nobody leaves the reserve list before the day that the company was told."""
    if application.reserve_until is None or application.reserve_until > at:
        raise NotAllowedNow("Its time on the reserve list is not over.", code="reserve_not_over")


def check_ruling_out_not_asked(application: "Application", *, at: datetime) -> None:
    """One request is enough."""
    if application.ruling_out_asked_at is not None:
        raise NotAllowedNow("Somebody has already asked to rule this out. A second person decides.", code="ruling_out_asked")


def check_ruling_out_was_asked(application: "Application", *, at: datetime) -> None:
    """It takes two people to rule an application out."""
    if application.ruling_out_asked_at is None:
        raise NotAllowedNow("Another person must first ask to rule this out and say why.", code="ruling_out_not_asked")


def check_asked_ruling_out(application: "Application", *, by: Person) -> None:
    """A request is taken back by whoever made it."""
    asked_by = application.ruling_out_asked_by_id
    if asked_by is not None and asked_by != by.pk:
        raise Denied("Only the person who asked can take it back. You can turn it down.", code="asked_by_another")


def check_did_not_ask_ruling_out(application: "Application", *, by: Person) -> None:
    """A request is turned down by somebody else than made it."""
    if application.ruling_out_asked_by_id == by.pk:
        raise Denied("You asked to rule this application out: take the request back instead.", code="asked_yourself")


@guards.register("round.every_application_is_decided")
def check_every_application_is_decided(round_: "Round", *, at: datetime) -> None:
    """A round is decided when no application of it is still on its way."""
    from applications.models import Application

    going = Application.objects.filter(round=round_, state__in=Application.IN_PROGRESS).count()
    if going:
        raise NotAllowedNow(f"{going} of its applications {'is' if going == 1 else 'are'} not decided yet.", code="applications_undecided")


@guards.register("round.every_applicant_is_told")
def check_every_applicant_is_told(round_: "Round", *, at: datetime) -> None:
    """Results are announced when every company with a decision has heard its own."""
    from applications.models import Application

    untold = Application.objects.filter(round=round_, state__in=Application.DECIDED, notified_at=None).count()
    if untold:
        raise NotAllowedNow(f"{untold} {'company has' if untold == 1 else 'companies have'} not been told yet.", code="applicants_untold")
