"""Companies and applications brought to a state by calling actions. People come from `tests.cast`."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

from accounts.models import Person
from accounts.roles import Role
from applications import samples
from applications.actions import applications, companies, eligibility, teams
from applications.models import Application, Company
from grants.models import Round
from tests.stages import grants

_numbers: Iterator[int] = count(1)
ON_THE_EDGE = {"address_town": "Tamworth", "postcode": "B79 7AA"}
"""A place whose outcode straddles the edge of the West Midlands: referred."""
OUTSIDE = {"address_town": "Manchester", "postcode": "M1 1AE"}
"""A place outside the West Midlands: ineligible."""


def company(cast: dict[str, Person], *, owner: str = "applicant", at: datetime = grants.WHILE_OPEN, **details: Any) -> Company:
    """A registered company whose owner is `owner`, with `colleague` as member and `signatory` as signatory."""
    registered = companies.register(details=samples.company(next(_numbers), **details), by=cast[owner], at=at)
    teams.add(company=registered, person=cast["colleague"], role=Role.MEMBER, by=cast[owner], at=at)
    teams.add(company=registered, person=cast["signatory"], role=Role.SIGNATORY, by=cast[owner], at=at)
    return registered


def draft(
    cast: dict[str, Person],
    *,
    round: Round | None = None,
    company: Company | None = None,
    at: datetime = grants.WHILE_OPEN,
    filled: bool = True,
    given: dict[str, Any] | None = None,
    as_is: bool = False,
    **details: Any,
) -> Application:
    """A draft with every question answered and every file attached (unless not `filled`), not signed. `details` are the company's."""
    applying = company or globals()["company"](cast, at=at, **details)
    started = applications.start(round=round or grants.open_round(cast), company=applying, by=cast["applicant"], at=at)
    if not filled:
        return started
    return samples.fill(started, by=cast["applicant"], at=at, given=given, seed=started.pk, as_is=as_is)


def submitted(cast: dict[str, Person], *, at: datetime = grants.WHILE_OPEN, **about: Any) -> Application:
    """Signed by the signatory and sent in, and screened: `eligible` unless `about` makes the rules say otherwise."""
    return applications.sign_and_submit(
        application=draft(cast, at=at, **about), name="Sigrid Signatory", position="Director", by=cast["signatory"], at=at
    )


def eligible(cast: dict[str, Person], *, at: datetime = grants.WHILE_OPEN, **about: Any) -> Application:
    """Sent in and found eligible by the rules."""
    application = submitted(cast, at=at, **about)
    assert application.state == Application.State.ELIGIBLE, [outcome.sentence for outcome in application.failed_outcomes()]
    return application


def referred(cast: dict[str, Person], *, at: datetime = grants.WHILE_OPEN, **about: Any) -> Application:
    """Sent in by a company on the edge of the area: an officer must look."""
    application = submitted(cast, at=at, **ON_THE_EDGE, **about)
    assert application.state == Application.State.REFERRED
    return application


def ineligible(cast: dict[str, Person], *, at: datetime = grants.WHILE_OPEN, **about: Any) -> Application:
    """Sent in by a company outside the area: the rules say no."""
    application = submitted(cast, at=at, **OUTSIDE, **about)
    assert application.state == Application.State.INELIGIBLE
    return application


def refused(cast: dict[str, Person], *, at: datetime = grants.WHILE_OPEN, **about: Any) -> Application:
    """Referred, and refused by the officer."""
    application = referred(cast, at=at, **about)
    return eligibility.refuse(application=application, note="The site is in Derbyshire.", by=cast["officer"], at=at)
