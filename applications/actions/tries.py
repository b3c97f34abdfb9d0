"""Begin an application with what an earlier one said, and link another try of the same project to the one before."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from applications import shapes
from applications.actions import answers, prefill
from applications.actions.answers import Typed
from applications.models import Application, Company
from audit import trail
from grants.models import Round


def begin(*, round: Round, company: Company, earlier: Application | None, checked: dict[str, Any], by: Person, at: datetime) -> Application:
    """Start an application; `earlier` is one of the same company whose answers it begins with, as far as this form asks the same.

    An earlier one that was sent in to the same programme and is over makes this another try of it.
    Raises what starting raises, and NotAllowedNow where the programme takes no further try.
    """
    with transaction.atomic():
        started = prefill.start(round=round, company=company, checked=checked, by=by, at=at)
        if earlier is None:
            return started
        if earlier.company_id != company.pk:
            raise Refused("Choose an earlier application of the same company.", code="earlier_of_another", field="earlier")
        if _is_another_try(earlier, round):
            _link(started, earlier, by=by, at=at)
        _copy(started, earlier, by=by, at=at)
    return Application.objects.afresh(started)


def _is_another_try(earlier: Application, round: Round) -> bool:
    return earlier.round.programme_id == round.programme_id and earlier.waits_for_nobody and earlier.papers.exists()


def _link(started: Application, earlier: Application, *, by: Person, at: datetime) -> None:
    most = started.version.definition.eligibility.resubmissions_at_most
    if most is not None and earlier.tries_before() >= most:
        times = {0: "only once", 1: "only twice"}.get(most, f"at most {most + 1} times")
        raise NotAllowedNow(
            f"This programme takes a project {times}, and {earlier.reference} was the last try. To apply with another project, choose "
            "“No, begin with an empty form”.",
            code="no_further_try",
        )
    started.resubmission_of = earlier
    started.save(update_fields=["resubmission_of"])
    trail.record(
        stream=started.stream,
        kind="application.linked",
        actor=by.pk,
        at=at,
        subject=f"applications.application:{started.pk}",
        after={"resubmission_of": earlier.reference},
    )


def _copy(started: Application, earlier: Application, *, by: Person, at: datetime) -> None:
    """Answers to questions that are asked here too, where what was said then may be said here. Files are added anew, and what the law asks
    about today, insolvency and assistance received, is answered anew."""
    asked = {each.id: each for each in earlier.version.definition.form.questions()}
    standing, said = started.values(), earlier.values()
    definition = started.version.definition
    confidential = set(earlier.answers.filter(is_confidential=True).values_list("question", flat=True))
    typed = {
        question.id: Typed(said[question.id], is_confidential=question.may_be_confidential and question.id in confidential)
        for question in definition.form.questions()
        if question.kind not in ("file", "declaration")
        and question.id not in (definition.form.means.insolvent, definition.form.means.assistance)
        and question.id not in standing
        and question.id in asked
        and asked[question.id].kind == question.kind
        and not shapes.is_empty(said.get(question.id))
        and not shapes.refusal(definition, question, said[question.id])
    }
    if typed:
        answers.save_many(application=started, typed=typed, by=by, at=at)
