"""Begin an application with what the company already answered in the eligibility check."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from applications import shapes
from applications.actions import answers, applications
from applications.actions.answers import Typed
from applications.models import Application, Company
from grants.definition import Definition
from grants.models import Round

MEANT = {"grant": "grant", "starts_on": "starts_on", "ends_on": "ends_on", "mfa_received": "assistance", "is_insolvent": "insolvent"}
"""What the check asks, by what the form's own question for it means."""


def start(*, round: Round, company: Company, checked: dict[str, Any], by: Person, at: datetime) -> Application:
    """Begin an application and save in it what the eligibility check was told and its form takes. Raises as `applications.start`."""
    with transaction.atomic():
        application = applications.start(round=round, company=company, by=by, at=at)
        typed = {question: Typed(value) for question, value in carried_over(round.definition, checked).items()}
        if typed:
            answers.save_many(application=application, typed=typed, by=by, at=at)
    return application


def carried_over(definition: Definition, checked: dict[str, Any]) -> dict[str, Any]:
    """The answers, by question, that the form takes as they are; anything else is left for the form to ask."""
    means = definition.form.means.model_dump()
    wanted = {means[MEANT[name]]: value for name, value in checked.items() if name in MEANT and means.get(MEANT[name])}
    wanted |= {name.removeprefix("answers."): value for name, value in checked.items() if name.startswith("answers.")}
    questions = {question.id: question for question in definition.form.questions()}
    return {
        id: value
        for id, value in wanted.items()
        if id in questions
        and questions[id].kind not in ("file", "declaration")
        and not shapes.is_empty(value)
        and not shapes.refusal(definition, questions[id], value)
    }
