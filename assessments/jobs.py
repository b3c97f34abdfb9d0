"""What is worked out in the background."""

from datetime import datetime
from fractions import Fraction

from assessments.methods import BadInput, figures
from assessments.methods.votes import Vote, Votes
from assessments.models import Run
from notifications.models import OutboxMessage
from notifications.outbox import handles

SCALE = (Fraction(0), Fraction(100))


@handles("assessment.run")
def work_out(message: OutboxMessage, at: datetime) -> None:
    """Work a run out from its frozen inputs and keep the outcome. Done twice, it changes nothing: the outcome is written once."""
    run = Run.objects.get(pk=message.payload["run"])
    if run.finished_at is not None:
        return
    try:
        outcome = figures.rank(votes_of(run), places=run.inputs["places"], seed=run.seed, on_progress=_progress_of(run))
    except BadInput as error:
        Run.objects.filter(pk=run.pk, finished_at=None).update(failure=str(error))
        return
    Run.objects.filter(pk=run.pk, finished_at=None).update(outcome=outcome, progress=100, finished_at=at)


def votes_of(run: Run) -> Votes:
    """The run's inputs as a table; assessors go by their number."""
    given = [Vote(name, str(person), Fraction(above, below)) for name, person, above, below in run.inputs["votes"]]
    return Votes.of(given, SCALE)


class _progress_of:  # noqa: N801 -- reads as the function it stands for
    """Write progress down at most every twentieth part."""

    def __init__(self, run: Run) -> None:
        self.run, self.written = run, 0

    def __call__(self, share: float) -> None:
        percent = min(int(share * 100), 99)
        if percent >= self.written + 5:
            self.written = percent
            Run.objects.filter(pk=self.run.pk, finished_at=None).update(progress=percent)
