"""Whose agreement a large grant needs before it is decided, as the programme declares it."""

from datetime import datetime

from accounts.access import held_by, holders
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow
from accounts.roles import Permission, Role
from applications.models import Application
from assessments import policies
from grants.definition.deciding import Agreement
from grants.money import format_pence
from workflow import guards

WORDS = {"chair": "the panel’s chair", "lead": "another programme lead", "independent_approver": "the independent approver"}


def asked_of(application: Application) -> Agreement | None:
    """Whose agreement the proposed grant needs; None where it needs nobody's."""
    if application.proposed_outcome != application.Outcome.APPROVE:
        return None
    return application.version.definition.decision.agreement_for(application.proposed_amount_pence or 0)


def in_words(agreement: Agreement) -> str:
    """“Grants above £25,000 need the agreement of the panel's chair or another programme lead.”"""
    who = " or ".join(WORDS[role] for role in agreement.by)
    return f"Grants above {format_pence(agreement.above)} need the agreement of {who}."


@guards.register("assessments.agreement_is_asked")
def check_is_asked(application: Application, *, at: datetime) -> None:
    """Agreement is given once to each proposal that needs it."""
    if asked_of(application) is None:
        raise NotAllowedNow("A grant of this amount needs nobody’s agreement.", code="agreement_not_asked")
    if _is_agreed(application):
        raise NotAllowedNow("The amount is agreed to already.", code="agreed_already")


def may_be_asked(application: Application) -> list[Person]:
    """Who may agree to the amount that is proposed: nobody where nobody's agreement is needed, and never who proposed it."""
    asked, proposed = asked_of(application), application.decisions.standing().first()
    if asked is None or proposed is None:
        return []
    people = holders(application.scopes(), Permission.DECISION_AGREE)
    return [one for one in people if one.pk != proposed.proposed_by_id and holds_a_part(application, asked, one)]


@guards.register("assessments.may_agree")
def check_may_agree(application: Application, *, by: Person) -> None:
    """Only in a part that the programme names for grants of this size."""
    asked = asked_of(application)
    if asked is not None and not holds_a_part(application, asked, by):
        raise Denied(f"{in_words(asked)} You have none of these parts here.", code="not_asked_to_agree")


def holds_a_part(application: Application, asked: Agreement, person: Person) -> bool:
    """Whether the person plays one of the parts that the programme names."""
    reached = application.scopes() | {"site"}
    return any((Role(role), scope) in held_by(person).pairs for role in asked.by for scope in reached)


@guards.register("assessments.amount_is_agreed")
def check_is_agreed(application: Application, *, at: datetime) -> None:
    """A large grant is not decided before somebody the programme names has agreed."""
    asked = asked_of(application)
    if asked is not None and not _is_agreed(application):
        raise NotAllowedNow(f"{in_words(asked)} Nobody has given it yet.", code="amount_not_agreed")


def _is_agreed(application: Application) -> bool:
    decision = policies.standing_decision(application)
    return decision is not None and decision.agreed_at is not None
