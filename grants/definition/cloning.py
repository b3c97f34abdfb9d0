"""A programme's document as another programme: the same in everything but what it is called."""

import re

from accounts.refusals import Refused
from grants.definition import editing, references
from grants.definition.base import RESERVED
from grants.definition.loading import parse

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")


def clone(document: str, *, slug: str, title: str | None = None, strand: str | None = None) -> str:
    """The text of the copy, checked. Comments and layout stay.

    `slug`, `name` and `strand` change; ids that carry the old slug carry the new one, wherever they are used, expressions included; the
    old slug in capital letters, as programmes are spoken of, becomes the new one in every text. Raises Refused for a slug that cannot be
    one, DocumentRefused for what would not be a programme.
    """
    source = parse(document)
    if not _SLUG.fullmatch(slug):
        raise Refused("Write the short name in small letters, figures and hyphens, beginning with a letter.", code="slug_bad", field="slug")
    if slug in RESERVED:
        raise Refused("That short name is an address of ours. Take another one.", code="slug_taken", field="slug")
    if slug == source.slug:
        raise Refused("The copy needs a short name of its own.", code="slug_taken", field="slug")
    old, new = source.slug.replace("-", "_"), slug.replace("-", "_")
    carry = {(kind, id): id.replace(old, new) for kind, id in references.all_ids(document) if old in id}
    if carry:
        document = references.rename(document, carry)
    top = {("slug",): slug, ("name",): title or f"{slug.upper()}: copy of {source.name}"[:100], ("strand",): strand or source.strand}
    spoken = re.compile(rf"\b{re.escape(source.slug.upper())}\b")

    def change(path: references.Path, value: str) -> str | None:
        if path in top:
            return top[path]
        return spoken.sub(slug.upper(), value)

    copy = editing.rewrite(document, change)
    parse(copy, source=f"The copy {slug}")
    return copy
