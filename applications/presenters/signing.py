"""Who may sign the declaration, for the pages on which it is signed."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.access import know
from accounts.models import Person
from applications.actions import applications as actions
from applications.models import Application
from applications.notices import team_of
from applications.policies import declaration_of, who_signs
from workflow.guards import allowed


def signing(application: Application, person: Person, *, page: str) -> dict[str, Any]:
    """The declaration; whether this person may sign it; if not, why, and who of the team could, on which page."""
    may_sign, why_not = allowed(actions.check_may_sign, application, person=person)
    others = [] if may_sign else know(team_of(application))
    return {
        "statements": declaration_of(application).statements,
        "may_sign": may_sign,
        "why_not": why_not,
        "who_signs": who_signs(application),
        "signers": [one for one in others if allowed(actions.check_may_sign, application, person=one)[0]],
        "address": f"{settings.BASE_URL}{reverse(f'applications:{page}', args=[application.reference])}",
    }
