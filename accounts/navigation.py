"""The places a person may visit, by permission: the links at the top of every page and on the landing page."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import Resolver404, resolve

from accounts.access import Held
from accounts.roles import COMPANY_ROLES, HOLDS, Permission

P = Permission


@dataclass(frozen=True)
class Place:
    """A part of the house: its name, its front page, what one can do there, and the permissions of which one opens it."""

    text: str
    href: str
    about: str
    needs: frozenset[Permission]


APPLY = Place("Applications", "/apply/", "Write an application and send it in.", frozenset({P.APPLICATION_EDIT}))
PLACES = (
    Place("Awards and claims", "/apply/awards/", "Offers, milestones, claims and reports.", frozenset({P.CLAIM_EDIT, P.AWARD_ACCEPT})),
    Place("Assessments", "/assess/", "Accept, declare conflicts, read and score.", frozenset({P.ASSESSMENT_SCORE})),
    Place("Programmes", "/manage/programmes/", "Definitions, rounds and budgets.", frozenset({P.PROGRAMME_VIEW})),
    Place("Applications", "/manage/applications/", "Read applications and resolve referrals.", frozenset({P.APPLICATION_VIEW})),
    Place(
        "Assessment", "/manage/assessment/", "Allocate assessors, moderate scores, decide.",
        frozenset({P.ASSESSMENT_ALLOCATE, P.DECISION_AGREE, P.DECISION_APPROVE, P.PANEL_RANK}),
    ),
    Place("Awards", "/manage/awards/", "Clearance, offers, claims and reports.", frozenset({P.AWARD_VIEW})),
    Place("Records", "/manage/records/", "How long records are kept, holds and erasure.", frozenset({P.RECORDS_HOLD})),
    Place("Finance", "/finance/", "Bank details, payment runs, statements.", frozenset({P.PAYMENT_VIEW})),
    Place("Figures", "/funder/", "What was applied for, awarded and paid.", frozenset({P.FIGURES_VIEW})),
    Place("Audit", "/audit/", "Read the trail and verify it.", frozenset({P.AUDIT_VIEW})),
    Place("People", "/accounts/people/", "Invite people, grant, confirm and end roles.", frozenset({P.ROLE_GRANT, P.ROLE_CONFIRM})),
    Place("Organisations", "/accounts/organisations/", "Choose the colours and typeface of your pages.", frozenset({P.PERSON_MANAGE})),
    Place("API keys", "/accounts/keys/", "Issue and revoke keys for funders' systems.", frozenset({P.KEY_MANAGE})),
)  # fmt: skip


def places_for(held: Held) -> list[Place]:
    """The places that exist and that the person may visit. Who holds no role yet is taken for an applicant."""
    permissions = {permission for role, _ in held.pairs for permission in HOLDS[role]}
    applies = not held.pairs or any(role in COMPANY_ROLES for role, _ in held.pairs)
    mine = ([APPLY] if applies else []) + [place for place in PLACES if place.needs & permissions]
    return [place for place in mine if exists(place.href)]


@lru_cache(maxsize=64)
def exists(href: str) -> bool:
    """Whether some route answers at this path."""
    try:
        resolve(href)
    except Resolver404:
        return False
    return True
