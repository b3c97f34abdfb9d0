"""Everything that a table of scores says, in one place: what the command prints and what a stored run keeps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assessments.methods import VERSION, expected_rank, mixed_model, reliability
from assessments.methods.votes import Votes

FEW = 30
"""Below so many applications pages hide expected rank, draw, portfolio and alpha."""
SEED = 1
POOR_ICC = 0.5
"""Below it reliability is poor, from 0.75 it is good (Koo and Li 2016)."""
LEAST_ALPHA = 0.667
"""Below it data support not even tentative conclusions (Krippendorff 2004)."""


@dataclass(frozen=True)
class Summary:
    """What needs no drawing: by application index where a list, and what must be said beside it."""

    votes: Votes
    fit: mixed_model.Fit | None
    icc: reliability.Icc | None
    alpha: dict[str, float | None]
    warnings: list[str]

    @property
    def residual_sd(self) -> float:
        """s of the scheme, for moderation."""
        return self.fit.variances.residual**0.5 if self.fit else 0.0


def summarise(votes: Votes, *, is_shortlist: bool = False) -> Summary:
    """Mixed model, ICC and alpha of a table."""
    fit = mixed_model.fit(votes)
    scores = votes.by_application()
    icc = reliability.icc(fit.variances, float(votes.counts.mean())) if fit else None
    alpha = {level: reliability.alpha(scores, level) for level in ("nominal", "ordinal", "interval", "ratio")}
    return Summary(
        votes, fit, icc, alpha, [*_warnings(votes, fit, is_shortlist), *_agreement(len(votes.applications), icc, alpha["interval"])]
    )


def rank(
    votes: Votes,
    *,
    places: int,
    panels: bool = False,
    seed: int = SEED,
    percent: int = 50,
    kept: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:
    """The whole report as plain values: applications in order of expected rank, then of mean, then of name."""
    summary = summarise(votes)
    ranks = expected_rank.sample(votes, seed=seed, panels=panels, kept=kept or expected_rank.KEPT, on_progress=on_progress)
    line = expected_rank.line(ranks, places, percent)
    chances = ranks.funded(places)
    half, most = ranks.interval(50), ranks.interval(90)
    expected, sucra = ranks.expected, ranks.sucra
    order = sorted(range(len(votes.applications)), key=lambda i: (expected[i], -votes.means[i], votes.applications[i]))
    rows = [
        {
            "application": votes.applications[i],
            "scores": int(votes.counts[i]),
            "mean": float(votes.means[i]),
            "adjusted": float(summary.fit.adjusted[i]) if summary.fit else None,
            "adjusted_se": float(summary.fit.standard_errors[i]) if summary.fit else None,
            "expected_rank": float(expected[i]),
            "sucra": float(sucra[i]),
            "interval_50": list(half[i]),
            "interval_90": list(most[i]),
            "p_funded": float(chances[i]),
            "group": line.groups[i],
        }
        for i in order
    ]
    warnings = list(summary.warnings)
    if ranks.r_hat > 1.05:
        warnings.append(f"The chains of the expected rank have not mixed (R̂ {ranks.r_hat:.2f}): do not use it.")
    return {
        "method_version": VERSION,
        "seed": seed,
        "places": places,
        "scale": [float(bound) for bound in votes.scale],
        "applications": rows,
        "line": line.at,
        "draw": line.draw,
        "icc": _plain_icc(summary),
        "alpha": summary.alpha,
        "variances": asdict(summary.fit.variances) if summary.fit else None,
        "islands": votes.islands,
        "posterior_sd": ranks.spreads,
        "r_hat": ranks.r_hat,
        "warnings": warnings,
    }


def _plain_icc(summary: Summary) -> dict[str, Any] | None:
    """Single and mean of k from the model's variances; Shrout and Fleiss's six beside them where everybody scored everything."""
    if summary.icc is None:
        return None
    votes = summary.votes
    whole = len(votes.exact) == len(votes.applications) * len(votes.assessors)
    six = reliability.shrout_fleiss(votes.by_application()) if whole else None
    return {**asdict(summary.icc), "shrout_fleiss": six}


def _warnings(votes: Votes, fit: mixed_model.Fit | None, is_shortlist: bool) -> list[str]:
    found = []
    if votes.islands > 1:
        found.append(
            f"The assessors and applications fall into {votes.islands} groups with no assessor in common: "
            "adjusted scores are not comparable between them."
        )
    if mixed_model.is_too_large(votes):
        found.append(
            f"There are more than {mixed_model.MOST_LEFT:,} assessors as well as applications: adjusted scores and ICC are not worked out."
        )
    elif fit is None:
        found.append("No application has two scores, or there is one application only: adjusted scores and ICC cannot be worked out.")
    elif not fit.variances.assessor_told:
        found.append("No assessor has scored two applications: their severity cannot be told from the noise and is taken as nought.")
    alone = int(np.sum(votes.counts < 2))
    if fit is not None and alone:
        found.append(f"{alone} of {len(votes.applications)} applications have one score only.")
    if len(votes.applications) < FEW:
        found.append(f"With fewer than {FEW} applications these figures are rough: pages do not show expected ranks, the draw and alpha.")
    if is_shortlist:
        found.append("Worked out on a shortlist only: agreement among the best looks lower than it is over all.")
    return found


def _agreement(size: int, icc: reliability.Icc | None, alpha: float | None) -> list[str]:
    """What low agreement means for the ranking. Alpha is spoken of only where pages show it."""
    found = []
    if icc is not None and icc.mean_of_k < POOR_ICC:
        found.append(
            f"The mean of {icc.k:.1f} scores is a poor measure here (ICC {icc.mean_of_k:.2f}; {POOR_ICC:g} is the least that is called "
            "moderate): most of what parts the applications is who scored them, and noise."
        )
    if alpha is not None and alpha < LEAST_ALPHA and size >= FEW:
        found.append(
            f"The assessors agree little (Krippendorff’s alpha {alpha:.2f}; below {LEAST_ALPHA:g} even tentative conclusions are not "
            "supported): look at who marks how, and let the ranking decide nothing by itself."
        )
    return found
