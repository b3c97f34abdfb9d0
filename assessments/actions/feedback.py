"""Feedback: each letter is read and marked as checked by a person, then the letters are released to the companies."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.models import Application
from applications.notices import team_of
from assessments import feedback, policies
from assessments.models import Assessment, FeedbackLetter
from audit import trail
from grants.models import Round
from notifications import outbox
from notifications.outbox import Letter
from workflow.engine import lock

NAMED = 12
"""References that a refusal spells out."""


def owed(round: Round) -> QuerySet[Application]:
    """Decided applications of a round with a review that counts, whose feedback is not released."""
    return owing().filter(round=round)


def owing() -> QuerySet[Application]:
    """The same of every round."""
    scored = Assessment.objects.counted().filter(application=OuterRef("pk"))
    released = FeedbackLetter.objects.filter(decision__application=OuterRef("pk"), decision__ended_at=None).exclude(released_at=None)
    return Application.objects.filter(~Exists(released), Exists(scored), state__in=Application.DECIDED, decided_at__isnull=False)


def to_check(round: Round) -> QuerySet[Application]:
    """Those whose letter nobody has marked as checked."""
    checked = FeedbackLetter.objects.filter(decision__application=OuterRef("pk"), decision__ended_at=None)
    return owed(round).filter(~Exists(checked))


def letters_of(applications: Collection[Application]) -> dict[int, FeedbackLetter]:
    """The letters on standing decisions, by application."""
    found = FeedbackLetter.objects.filter(decision__application__in=[one.pk for one in applications], decision__ended_at=None)
    return {one.decision.application_id: one for one in found.select_related("decision", "checked_by", "released_by")}


def warnings_on(application: Application, content: feedback.Content, *, names: Sequence[str] | None = None) -> list[feedback.Warning]:
    """What a reader should look at in a letter."""
    banned = application.version.definition.decision.words_not_sent
    return feedback.warnings(content, names=feedback.names_of(application.round) if names is None else names, banned=banned)


def check(*, application: Application, left_out: Collection[str] = (), note: str = "", by: Person, at: datetime) -> FeedbackLetter:
    """Mark a letter as read, without the comments that are left out. What still warns needs a note that says why it may go out.

    Raises Denied (no permission, an interest in it), Refused (no note, an unknown comment), NotAllowedNow (not decided, released already).
    """
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.DECISION_NOTIFY, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        decision = fresh.decisions.standing().exclude(decided_at=None).first()
        whole = feedback.of(fresh)
        if decision is None or whole is None or fresh.state not in Application.DECIDED:
            raise NotAllowedNow("There is no decision on scores here whose feedback could be checked.", code="no_feedback")
        if FeedbackLetter.objects.filter(decision=decision).exclude(released_at=None).exists():
            raise NotAllowedNow("The company has this letter already.", code="feedback_released")
        if set(left_out) - feedback.keys(whole):
            raise Refused("One of the comments to leave out is not in this letter any more. Read it again.", code="comment_unknown")
        content = feedback.without(whole, left_out)
        remaining = [warning.sentence for warning in warnings_on(fresh, content)]
        if remaining and not note.strip():
            said = f"{' '.join(remaining)} Leave the comment out, or say in the note why it may go out."
            raise Refused(said, code="feedback_warns", field="note")
        values = {"content": content, "sha256": feedback.digest(content), "left_out": sorted(left_out), "note": note.strip(),
                  "checked_at": at, "checked_by": by}  # fmt: skip
        letter, _ = FeedbackLetter.objects.update_or_create(decision=decision, defaults=values)
        _trace(fresh, "feedback.checked", by=by, at=at, letter=letter)
    return letter


def is_checked(letter: FeedbackLetter | None, content: feedback.Content | None) -> bool:
    """Whether a letter was read as it would read now."""
    return letter is not None and content is not None and letter.sha256 == feedback.digest(feedback.without(content, letter.left_out))


def release_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Release the letters to the companies that know their decision, each in its own transaction; every one is reported.

    Raises NotAllowedNow with the list of those that nobody has checked, or that read differently since: then none goes out.
    """
    told = Application.objects.for_staff(by).filter(pk__in=owed(round).exclude(notified_at=None)).for_pages().order_by("pk")
    waiting = list(told)
    checked, texts = letters_of(waiting), feedback.contents(waiting)
    unread = [one.reference for one in waiting if not is_checked(checked.get(one.pk), texts.get(one.pk))]
    if unread:
        raise NotAllowedNow(_unread(unread), code="feedback_unchecked", unchecked=unread)
    return _release_each(waiting, by=by, at=at)


def _release_each(waiting: Sequence[Application], *, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    for application in waiting:
        try:
            release(application=application, by=by, at=at)
        except Refusal as refusal:
            yield application, refusal
        else:
            yield application, None


def release(*, application: Application, by: Person, at: datetime) -> FeedbackLetter:
    """The company may read its letter, as it was checked, and is told so."""
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.DECISION_NOTIFY, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        letter = letters_of([fresh]).get(fresh.pk)
        if fresh.notified_at is None:
            raise NotAllowedNow("Tell the company of the decision first.", code="not_told")
        if letter is None or not is_checked(letter, feedback.of(fresh)):
            raise NotAllowedNow(_unread([fresh.reference]), code="feedback_unchecked", unchecked=[fresh.reference])
        if letter.released_at is not None:
            return letter
        letter.released_at, letter.released_by = at, by
        letter.save(update_fields=["released_at", "released_by"])
        _trace(fresh, "feedback.released", by=by, at=at, letter=letter)
        for person in team_of(fresh):
            words = f"What the assessors said about “{fresh.title}”, criterion by criterion, is on the page of your application."
            told = Letter(person, f"Feedback on {fresh.reference}", words, fresh.get_absolute_url())
            outbox.send_notice("feedback.released", told, at=at, stream=fresh.stream, key=f"feedback.released:{letter.pk}:{person.pk}")
    return letter


def _unread(references: Sequence[str]) -> str:
    named = ", ".join(references[:NAMED]) + (f" and {len(references) - NAMED} more" if len(references) > NAMED else "")
    if len(references) == 1:
        return f"Nobody has checked this letter as it reads now: {named}."
    return f"Nobody has checked these letters as they read now: {named}."


def _trace(application: Application, kind: str, *, by: Person, at: datetime, letter: FeedbackLetter) -> None:
    after = {"sha256": letter.sha256, "left_out": len(letter.left_out)}
    personal = {"note": letter.note} if letter.note else {}
    trail.record(
        stream=application.stream, kind=kind, actor=by.pk, at=at, subject=f"applications.application:{application.pk}", after=after,
        personal=personal,
    )  # fmt: skip
