"""Loading the published weights that account numbers are checked with."""

from datetime import date, datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from accounts.refusals import Refused
from audit import trail
from payments import modulus
from payments.models import SortCodeWeights

MOST_CHARACTERS = 1_000_000
"""Vocalink's file has a tenth of this."""


def load(*, release: str, effective_on: date, weights: str, substitutes: str, by: Person, at: datetime) -> SortCodeWeights:
    """Keep one release of the tables, used from its day on. What is already there is answered again.

    Raises Refused naming the line that is not as published, and then keeps nothing.
    """
    if not release.strip() or len(release) > 20:
        raise Refused("Name the release, such as 8.50.", code="release_missing", field="release")
    if max(len(weights), len(substitutes)) > MOST_CHARACTERS:
        raise Refused("This file is far larger than any that Vocalink publishes.", code="weights_unreadable", field="weights")
    modulus.read(weights, substitutes)
    digest = sha256(f"{release}|{effective_on}|{weights}|{substitutes}".encode()).hexdigest()
    with transaction.atomic():
        if kept := SortCodeWeights.objects.filter(sha256=digest).first():
            return kept
        kept = SortCodeWeights.objects.create(
            release=release.strip(),
            effective_on=effective_on,
            weights=weights,
            substitutes=substitutes,
            sha256=digest,
            loaded_at=at,
            loaded_by=by,
        )
        trail.record(
            stream="system",
            kind="sort_code_weights.loaded",
            actor=by.pk,
            at=at,
            subject=f"payments.sortcodeweights:{kept.pk}",
            after={"release": kept.release, "effective_on": effective_on.isoformat(), "sha256": digest},
        )
    return kept
