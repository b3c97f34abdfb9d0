"""References that people quote: unambiguous to read aloud, not to be guessed from the one before."""

import secrets

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
