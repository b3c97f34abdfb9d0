"""How far scores of one application lie apart by mere noise: s, the residual standard deviation of the scheme, from a stored run."""

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from assessments.models import Run
from grants.models import Round


@dataclass(frozen=True)
class Noise:
    """s in points of 100, and the run that says so."""

    s: float
    run: int
    worked_out_at: datetime


def noise_of(round: Round) -> Noise | None:
    """The noise of a round's scores by its last figures; None where none are worked out, or they do not tell."""
    done = Run.objects.filter(round=round, kind=Run.Kind.FIGURES, finished_at__isnull=False).order_by("-finished_at", "-pk")
    last = done.values_list("pk", "finished_at", "outcome__variances__residual").first()
    if last is None or last[1] is None or not last[2]:
        return None
    return Noise(sqrt(float(last[2])), last[0], last[1])
