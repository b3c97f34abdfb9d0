"""References that people quote: unambiguous to read aloud, not to be guessed from the one before."""

import secrets

from django.urls import register_converter

from workflow.models import Case

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""No vowels (no words), no 0, 1, I, L or O."""


def new_reference(slug: str) -> str:
    """`DIAGCOMM-7K2M`: the programme and four random letters; longer ones where many four-letter ones are taken."""
    prefix = slug.upper()[:16].rstrip("-")
    for length in (4, 4, 4, 5, 5, 6, 7):
        reference = f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"
        if not Case.objects.filter(reference=reference).exists():
            return reference
    raise RuntimeError(f"No free reference under {prefix}")


class ReferenceConverter:
    """A reference in a path; anything that cannot be one is not found without a look at the database."""

    regex = r"[A-Z][A-Z0-9-]{1,16}-[0-9A-Z]{4,8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")
