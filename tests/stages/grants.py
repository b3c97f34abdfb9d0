"""Programmes and rounds brought to a state by calling actions. People come from `tests.cast`."""

from datetime import UTC, datetime
from pathlib import Path

from accounts.models import Person
from grants.actions import drafting, programmes, rounds
from grants.models import Programme, ProgrammeVersion, Round

DOCUMENTS = Path(__file__).parents[2] / "programmes"
BEFORE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""When the programme was published and the round scheduled."""
OPENS = datetime(2026, 9, 14, 8, 0, tzinfo=UTC)
CLOSES = datetime(2026, 10, 30, 12, 0, tzinfo=UTC)
WHILE_OPEN = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)


def document(slug: str = "diagcomm") -> str:
    """The text of a shipped programme."""
    return (DOCUMENTS / f"{slug}.yaml").read_text()


def prepared(cast: dict[str, Person], *, text: str | None = None, slug: str = "diagcomm", at: datetime = BEFORE) -> ProgrammeVersion:
    """A version that the officer put forward."""
    return programmes.load(document=text or document(slug), by=cast["officer"], at=at)


def published(cast: dict[str, Person], *, text: str | None = None, slug: str = "diagcomm", at: datetime = BEFORE) -> Programme:
    """A programme that the officer prepared and the lead published."""
    version = programmes.publish(version=prepared(cast, text=text, slug=slug, at=at), by=cast["lead"], at=at)
    return Programme.objects.get(pk=version.programme_id)


def drafted(cast: dict[str, Person], *, at: datetime = BEFORE) -> ProgrammeVersion:
    """The draft of a second version, begun from the one that is published."""
    return drafting.begin(programme=published(cast, at=at), by=cast["officer"], at=at)


def scheduled_round(
    cast: dict[str, Person],
    *,
    programme: Programme | None = None,
    opens_at: datetime = OPENS,
    closes_at: datetime = CLOSES,
    budget_pence: int | None = None,
    most_applications: int | None = None,
    at: datetime = BEFORE,
) -> Round:
    """A round that opens by itself later."""
    programme = programme or published(cast, at=at)
    about = {"budget_pence": budget_pence, "most_applications": most_applications, "by": cast["lead"], "at": at}
    return rounds.schedule(programme=programme, opens_at=opens_at, closes_at=closes_at, **about)


def open_round(cast: dict[str, Person], *, at: datetime = OPENS, **about) -> Round:
    """A round that the lead opened at its announced time."""
    return rounds.open(round=scheduled_round(cast, **about), by=cast["lead"], at=at)


def closed_round(cast: dict[str, Person], *, at: datetime = CLOSES, **about) -> Round:
    """A round that the lead closed at its announced time."""
    return rounds.close(round=open_round(cast, **about), by=cast["lead"], at=at)
