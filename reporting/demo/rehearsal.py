"""A rehearsal: invented companies through any definition, stage by stage, and what each stage did, refused or could not do at all."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Count

from accounts.models import Person
from accounts.refusals import Refusal
from applications.models import Application, EligibilityOutcome
from audit import checkpoints
from grants.definition import Definition, loading
from grants.rehearsals import clock
from grants.rehearsals.plan import LEGS, Plan
from grants.rehearsing import postcode_in
from notifications.models import Notice, OutboxMessage
from payments.models import Award
from reporting.demo import applying, assessing, journey, paying, records
from reporting.demo.applying import Applicant
from reporting.demo.records import Record
from reporting.demo.stage import MAIL, Stage, set_up

OPEN_FOR = timedelta(days=35)
OUT = {state for state in Application.State if not state.owner} | {Application.State.DRAFT, Application.State.DECLINED}
"""Where an application stands that was not sent in, or came to nothing."""
HOSTS = (("owner", "applicant"), ("colleague", "colleague"), ("signatory", "signatory"))
"""The first company's people are the cast's, so that whoever walks through it by hand can be them."""
SPARE = 14
"""Companies more than there are, for whom assessors are found: a conflict or an excluded score needs somebody else."""
LETTERS = 60
"""Kinds of letter of which the report keeps an example."""
REFUSALS = 40
"""Sentences a stage keeps; their number is kept whole."""

log = structlog.get_logger(__name__)


@dataclass
class Leg:
    """One stage of the way: how the applications stood after it, what was refused on it, and what broke off."""

    key: str
    title: str
    ended_at: str = ""
    states: dict[str, int] = field(default_factory=dict)
    """How many applications stand where, by the label of the state."""
    running: int = 0
    """How many of them may still come to an award, or have one."""
    refused: int = 0
    refusals: list[str] = field(default_factory=list)
    broke_off: str = ""


@dataclass
class Company:
    """What became of one invented company."""

    name: str
    reference: str
    state: str
    asked_pence: int
    awarded_pence: int
    claimed_pence: int
    paid_pence: int


class Rehearsal:
    """One run through a document. `tell` is told how much of the work is done, of how much, and what is being done."""

    def __init__(self, document: str, plan: Plan, *, tell: Callable[[int, int, str], object]) -> None:
        self.document, self.plan, self.tell = document, plan, tell
        self.definition = loading.parse(document)
        self.legs: list[Leg] = []
        self.stage: Stage | None = None
        self.applicants: list[Applicant] = []
        self.live: list[tuple[Applicant, Award]] = []
        self.done = 0

    def run(self) -> dict[str, Any]:
        """Go as far as the plan says, whatever is refused on the way, and say what it came to."""
        acts: dict[str, Callable[[Any], object]] = {
            "publish": self._publish,
            "apply": self._apply,
            "screen": lambda stage: applying.screen(stage, self.applicants),
            "assess": lambda stage: assessing.assess(stage, self.applicants),
            "decide": lambda stage: assessing.decide(stage, self.applicants),
            "award": self._award,
            "deliver": lambda stage: paying.deliver(stage, self.live),
        }
        for key, title in LEGS:
            self.tell(self.done, self._work, title)
            self._walk(Leg(key, title), acts[key])
            if key == self.plan.until or self.stage is None:
                break
        if self.stage is not None:
            checkpoints.sign(at=self.stage.clock.now)
            clock.move_to(self.stage.clock.now)
            clock.keep()
        report = self._report()
        OutboxMessage.objects.undone().filter(kind__in=MAIL).update(done_at=clock.now())  # read in the report and on people's own pages
        return report

    @property
    def _work(self) -> int:
        return self.plan.companies * (journey.WORK_EACH + 3) + 2

    def _walk(self, leg: Leg, act: Callable[[Any], object]) -> None:
        before = len(self.stage.refusals) if self.stage else 0
        try:
            act(self.stage)
        except Refusal as refusal:
            leg.broke_off = refusal.sentence
        except Exception as error:  # a rehearsal is there to find out: what breaks is told, and the rest goes on
            log.exception("rehearsal_broke_off", leg=leg.key)
            leg.broke_off = f"The service itself failed here ({type(error).__name__}: {str(error)[:200]})."
        if self.stage is not None:
            told = self.stage.refusals[before:]
            leg.ended_at, leg.refused, leg.refusals = self.stage.clock.now.isoformat(), len(told), told[:REFUSALS]
        states = Counter(Application.objects.order_by("state").values_list("state", flat=True))
        leg.states = {str(Application.State(state).label): count for state, count in states.items()}
        leg.running = sum(count for state, count in states.items() if state not in OUT)
        self.legs.append(leg)

    def _publish(self, _nobody: None) -> None:
        count, opens_at = self.plan.companies, self.plan.opens_at
        stage = set_up(
            self.definition.slug, companies=count + SPARE, opens_at=opens_at, open_for=OPEN_FOR, title="Rehearsal", document=self.document
        )
        stage.step = self._step
        stage.hosts[1] = {who: stage.cast[part] for who, part in HOSTS}
        self.stage = stage
        self._step(2)

    def _apply(self, stage: Stage) -> None:
        self.applicants = applying.apply(stage, companies(self.definition, self.plan))

    def _award(self, stage: Stage) -> None:
        self.live = paying.award(stage, self.applicants)

    def _step(self, count: int) -> None:
        self.done += count
        self.tell(min(self.done, self._work - 1), self._work, LEGS[len(self.legs)][1])

    def _report(self) -> dict[str, Any]:
        stage = self.stage
        return {
            "sha256": hashlib.sha256(self.document.encode()).hexdigest(),
            "plan": self.plan.as_json(),
            "opened_at": self.plan.opens_at.isoformat(),
            "ended_at": stage.clock.now.isoformat() if stage else self.plan.opens_at.isoformat(),
            "legs": [asdict(leg) for leg in self.legs],
            "summary": asdict(journey.summary()),
            "companies": [asdict(one) for one in _companies()],
            "rules": _rules(self.definition),
            "letters": _letters(),
        }


def companies(definition: Definition, plan: Plan) -> list[Record]:
    """Invented companies that this programme could have: inside its area, asking for what it gives."""
    funding, seat = definition.funding, postcode_in(definition)
    found = records.fictional(plan.companies, seed=plan.seed, least_pence=funding.grant_min, most_pence=funding.grant_max)
    return [record if _is_at_home(record, definition) else replace(record, postcode=seat) for record in found]


def _is_at_home(record: Record, definition: Definition) -> bool:
    """Whether it lies where the programme is for, or is one of those that the officer is to look at for where they lie."""
    return record.plan.startswith("referred") or definition.area_of(record.postcode.split()[0]) == "in"


def _companies() -> list[Company]:
    awards = {award.application_id: award for award in Award.objects.order_by("pk")}
    rows = Application.objects.select_related("company__organisation").order_by("pk")
    return [_company(row, awards.get(row.pk)) for row in rows]


def _company(row: Application, award: Award | None) -> Company:
    sent = award.claims.exclude(submitted_at=None) if award else []
    return Company(
        name=row.company.organisation.name,
        reference=row.reference,
        state=str(Application.State(row.state).label),
        asked_pence=row.grant_requested_pence or 0,
        awarded_pence=award.amount_pence if award else 0,
        claimed_pence=sum(claim.claimed_pence - claim.offset_pence for claim in sent),
        paid_pence=award.paid_pence if award else 0,
    )


def _rules(definition: Definition) -> list[dict[str, Any]]:
    """How often each rule was met; a rule that all or none meet is worth a second look."""
    counted = EligibilityOutcome.objects.order_by("rule_id").values_list("rule_id", "passed").annotate(number=Count("pk"))
    counts = {(rule, passed): number for rule, passed, number in counted}
    return [
        {
            "title": rule.title,
            "on_fail": rule.on_fail,
            "met": counts.get((rule.id, True), 0),
            "not_met": counts.get((rule.id, False), 0),
        }
        for rule in definition.eligibility.rules
    ]


def _letters() -> list[dict[str, Any]]:
    """Each kind of message with how many there were and the first of them; none was sent."""
    kinds = Counter(Notice.objects.order_by("kind").values_list("kind", flat=True))
    first = {notice.kind: notice for notice in Notice.objects.select_related("person").order_by("-pk")}
    in_order = sorted(first.values(), key=lambda notice: notice.pk)[:LETTERS]
    return [
        {"kind": one.kind, "count": kinds[one.kind], "to": _named(one.person), "subject": one.subject, "body": one.body} for one in in_order
    ]


def _named(person: Person) -> str:
    return person.name or person.email
