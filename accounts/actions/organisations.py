"""What an organisation looks like on the pages of its programmes."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Organisation, Person
from accounts.refusals import Refused
from accounts.roles import Permission
from accounts.scopes import SITE, Place
from audit import trail
from design.palettes import PALETTES, TYPEFACES


def dress(*, organisation: Organisation, palette: str, typeface: str, by: Person, at: datetime) -> Organisation:
    """Choose the colours and the typeface of an organisation's pages, out of the vetted ones. Raises Denied, Refused."""
    require(by, Permission.PERSON_MANAGE, on=Place(SITE))
    if palette not in PALETTES:
        raise Refused("Choose one of the sets of colours.", code="palette_unknown", field="palette")
    if typeface not in TYPEFACES:
        raise Refused("Choose one of the typefaces.", code="typeface_unknown", field="typeface")
    with transaction.atomic():
        found = Organisation.objects.select_for_update().get(pk=organisation.pk)
        before = {"palette": found.palette, "typeface": found.typeface}
        after = {"palette": palette, "typeface": typeface}
        if before == after:
            return found
        found.palette, found.typeface = palette, typeface
        found.save(update_fields=["palette", "typeface"])
        trail.record(stream=found.scope, kind="organisation.dressed", actor=by.pk, at=at, before=before, after=after)
    return found
