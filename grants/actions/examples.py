"""Keep made-up companies that a programme's rules are tried on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from grants import precheck
from grants.models import ExampleCompany, Programme

MOST = 12


def keep(*, programme: Programme, name: str, given: Mapping[str, Any], by: Person, at: datetime) -> ExampleCompany:
    """Keep an example under its name; one of that name is replaced. Raises Denied, Refused where there are enough."""
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    with transaction.atomic():
        found = ExampleCompany.objects.select_for_update(no_key=True).filter(programme=programme, name=name.strip()).first()
        if found is not None:
            found.given = precheck.kept(dict(given))
            found.save(update_fields=["given"])
            return found
        if programme.examples.count() >= MOST:
            raise Refused(f"There are {MOST} examples already. Remove one first.", code="examples_enough", field="name")
        return ExampleCompany.objects.create(
            programme=programme, name=name.strip(), given=precheck.kept(dict(given)), created_at=at, created_by=by
        )


def forget(*, example: ExampleCompany, by: Person, at: datetime) -> None:
    """Take an example away; nothing else rests on it."""
    require(by, Permission.PROGRAMME_EDIT, on=example.programme)
    example.delete()
