"""What is worked out in the background."""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

from accounts.refusals import Refusal
from assessments.actions import searches
from assessments.methods import BadInput, choosing, figures, planning
from assessments.methods.votes import Vote, Votes
from assessments.models import Run
from notifications.models import OutboxMessage
from notifications.outbox import handles

SCALE = (Fraction(0), Fraction(100))
TRIES = 3
BROKE_OFF = "The calculation broke off. Try again; if it breaks off again, whoever runs the service finds the reason in its log."


@handles("assessment.run")
def work_out(message: OutboxMessage, at: datetime) -> None:
    """Work a run out from its frozen inputs and keep the outcome. Done twice, it changes nothing: the outcome is written once.

    What cannot be worked out says why and can be asked for again; so does what broke off `TRIES` times.
    """
    run = Run.objects.get(pk=message.payload["run"])
    if run.finished_at is None and not run.failure:
        try:
            done_now(run, at=at)
        except Exception:
            if message.attempts + 1 < TRIES:
                raise
            Run.objects.filter(pk=run.pk, finished_at=None).update(failure=BROKE_OFF)


def done_now(run: Run, *, at: datetime) -> Run:
    """Work out one run, unless it is done, and keep what came of it, or why nothing did. Returns the fresh run."""
    methods: dict[str, Callable[[Run], dict[str, Any]]] = {
        Run.Kind.FIGURES: _figures,
        Run.Kind.PLAN: _plan,
        Run.Kind.SELECTION: _selection,
        Run.Kind.SEARCH: lambda run: searches.carry_out(run, at=at, on_progress=_progress_of(run)),
    }
    waiting = Run.objects.filter(pk=run.pk, finished_at=None)
    if run.finished_at is None:
        try:
            outcome = methods[run.kind](run)
        except BadInput as error:
            waiting.update(failure=str(error))
        except Refusal as refusal:
            waiting.update(failure=refusal.sentence)
        else:
            waiting.update(outcome=outcome, progress=100, finished_at=at)
    return Run.objects.select_related("round__programme", "requested_by").get(pk=run.pk)


def _figures(run: Run) -> dict[str, Any]:
    return figures.rank(votes_of(run), places=run.inputs["places"], seed=run.seed, on_progress=_progress_of(run))


def _plan(run: Run) -> dict[str, Any]:
    return planning.work_out(run.inputs, on_progress=_progress_of(run))


def votes_of(run: Run) -> Votes:
    """The run's inputs as a table; assessors go by their number."""
    given = [Vote(name, str(person), Fraction(above, below)) for name, person, above, below in run.inputs["votes"]]
    return Votes.of(given, SCALE)


def _selection(run: Run) -> dict[str, Any]:
    return choosing.work_out(run.inputs, on_progress=_progress_of(run))


class _progress_of:  # noqa: N801 -- reads as the function it stands for
    """Write progress down at most every twentieth part."""

    def __init__(self, run: Run) -> None:
        self.run, self.written = run, 0

    def __call__(self, share: float) -> None:
        percent = min(int(share * 100), 99)
        if percent >= self.written + 5:
            self.written = percent
            Run.objects.filter(pk=self.run.pk, finished_at=None).update(progress=percent)
