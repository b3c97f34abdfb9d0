"""What is counted of Minimal Financial Assistance, beside the company's confirmation."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime

from applications import subsidies
from payments.models import Award


def counted(award: Award, *, now: datetime) -> dict[str, Any]:
    """What is known of the company's group without its saying so again, and the limit."""
    on = localtime(now).date()
    ours = subsidies.ours_pence(award.company, on)
    return {
        "since": subsidies.window_start(on),
        "ours_pence": ours,
        "declared_pence": subsidies.received_pence(award.company, on) - ours,
        "limit_pence": subsidies.limit_pence(on),
        "to_declared": reverse("applications:assistance", args=[award.company.pk]),
    }
