"""Keys for funders' machines: issued by one person, confirmed by another, shown once, revoked at once."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from accounts.access import held_by, require
from accounts.models import ApiKey, Organisation, Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from accounts.scopes import Place, Places, programmes_of
from audit import trail

COMES_INTO_FORCE = timedelta(hours=24)
LONGEST = timedelta(days=366)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def create(
    *,
    organisation: Organisation,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    is_test: bool = False,
    by: Person,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Issue a key for a funder; returns its row and the key itself, which is shown now and never again. It waits to be confirmed.

    `is_test`: it reads demonstrations and nothing real. Raises Denied, Refused.
    """
    require(by, Permission.KEY_MANAGE, on=Place(organisation.scope), held=held_by(by, at=at))
    asked = sorted(set(scopes))
    if organisation.kind != Organisation.Kind.FUNDER:
        raise Refused("Keys are issued to funders.", code="not_a_funder", field="organisation")
    if not asked or not set(asked) <= set(ApiKey.Scope.values):
        raise Refused("Choose what the key may do.", code="scope_unknown", field="scopes")
    if not at < expires_at <= at + LONGEST:
        raise Refused("Choose an end within a year from now.", code="expiry_out_of_range", field="expires_on")
    prefix = f"ph_{'test' if is_test else 'live'}_{_random(6)}"
    secret = f"{prefix}_{_random(40)}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            organisation=organisation, name=name.strip(), prefix=prefix, key_sha256=digest(secret), scopes=asked, is_test=is_test,
            created_at=at, created_by=by, expires_at=expires_at,
        )  # fmt: skip
        _record(key, "api_key.created", by=by, at=at)
    return key, secret


def confirm(*, key: ApiKey, by: Person, at: datetime) -> ApiKey:
    """Confirm a key that somebody else issued; it works 24 hours later. Raises Denied, NotAllowedNow."""
    with transaction.atomic():
        key = _locked(key)
        places = Places(frozenset({key.organisation.scope} | programmes_of(key.organisation)))
        require(by, Permission.ROLE_CONFIRM, on=places, held=held_by(by, at=at))
        if by.pk == key.created_by_id:
            raise Denied("Somebody who did not issue this key must confirm it.", code="not_independent")
        if key.confirmed_at is not None or key.revoked_at is not None or key.expires_at <= at:
            raise NotAllowedNow("This key does not wait to be confirmed.", code="key_does_not_wait")
        key.confirmed_at, key.confirmed_by, key.starts_at = at, by, at + COMES_INTO_FORCE
        key.save(update_fields=["confirmed_at", "confirmed_by", "starts_at"])
        _record(key, "api_key.confirmed", by=by, at=at)
    return key


def revoke(*, key: ApiKey, by: Person, at: datetime) -> ApiKey:
    """End a key at once: who issues keys may, and who confirms them. Raises Denied, NotAllowedNow."""
    with transaction.atomic():
        key = _locked(key)
        if by.pk != key.confirmed_by_id:
            require(by, Permission.KEY_MANAGE, on=Place(key.organisation.scope), held=held_by(by, at=at))
        if key.revoked_at is not None:
            raise NotAllowedNow("This key was revoked already.", code="key_revoked")
        key.revoked_at, key.revoked_by = at, by
        key.save(update_fields=["revoked_at", "revoked_by"])
        _record(key, "api_key.revoked", by=by, at=at)
    return key


def digest(secret: str) -> str:
    """What is kept of a key. It has 230 random bits, so that a plain hash cannot be searched."""
    return sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _locked(key: ApiKey) -> ApiKey:
    return ApiKey.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=key.pk)


def _record(key: ApiKey, kind: str, *, by: Person, at: datetime) -> None:
    trail.record(
        stream=f"organisation:{key.organisation_id}",
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"accounts.apikey:{key.pk}",
        after={"prefix": key.prefix, "scopes": list(key.scopes), "is_test": key.is_test, "expires_at": key.expires_at.isoformat()},
    )
