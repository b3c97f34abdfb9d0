"""As many applications as a big programme has in a year, copied in bulk from a sample that was played through by the real actions.

The one place that writes states without the engine. Every copy is whole: company, people, answers, frozen papers hashed anew, reviews,
award, claims, payments and ledger entries, with a history and an audit chain of its own. Copies keep the moments of their original;
uploaded files are shared with it; letters, deadlines and bank statement lines are not copied, so that nothing falls due. Closed rounds are
copied too, so that none becomes larger than rounds are.
For a database in which nobody else is at work.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from django.db import models, transaction
from django.db.models import F

from accounts.models import Person, RoleAssignment
from applications.models import Application
from assessments.models import Assessment, AssessorProfile
from audit import sealer, trail
from audit.models import Event, PersonalValue, Position, StreamHead, Unsealed
from grants.models import Budget, Round
from payments.models import LedgerEntry, Payment, PaymentRun
from reporting.demo import bulk, chains, prototypes, workshop
from reporting.demo.prototypes import Key, Prototype
from workflow.models import Case, StepTaken

CHUNK = 500
"""Applications that are kept in memory before they are written."""
REVIEWS_EACH = 12
"""Copies of one original whose reviews go to the same assessors; then new assessors are found."""
ROUND_EACH = 66
"""Copies of one original in one round, where the original's round is closed; then the round is copied too."""
PAST_DAYS = 330
WRITTEN_BESIDE: tuple[bulk.Model, ...] = (Event, PersonalValue, Position, StreamHead, Unsealed, PaymentRun, AssessorProfile)
SEARCHED: tuple[bulk.Model, ...] = (LedgerEntry, Payment, PaymentRun, Round, Budget)
PERSON, RUN = Person._meta.label_lower, PaymentRun._meta.label_lower
ROUND, BUDGET = Round._meta.label_lower, Budget._meta.label_lower


def fill(number: int, *, now: datetime, tell: Callable[[int], object] = lambda done: None) -> str:
    """Write that many applications, beside the sample data (which is written first where there is none), and say what was written."""
    workshop.fill(now=now, past_days=PAST_DAYS)
    originals = Application.objects.filter(case__pk__in=_sample_cases()).select_related("company__organisation", "case").order_by("pk")
    started = perf_counter()
    copy(list(originals), number, now=now, tell=tell)
    seconds = perf_counter() - started
    return f"{number:,} applications are written, {number / seconds:,.0f} in a second; the trail is sealed."


@transaction.atomic
def copy(originals: list[Application], number: int, *, now: datetime, tell: Callable[[int], object] = lambda done: None) -> None:
    """Write that many copies of these applications, each in its turn, and seal the trail: all of it, or nothing."""
    sealer.seal(at=now)
    copies, done = Copies(originals, now=now), 0
    with bulk.unwatched([*prototypes.MODELS, *WRITTEN_BESIDE], searched=SEARCHED):
        while done < number:
            done += copies.write(min(CHUNK, number - done))
            tell(done)
    sealer.seal(at=now)


def _sample_cases() -> models.QuerySet[Case, Any]:
    """The originals: references that the service itself gave, which never have a zero in them."""
    return Case.objects.exclude(reference__contains="-S0").values("pk")


@dataclass
class Batch:
    """What is written beside rows: the chains, and sums to be added up."""

    chain: chains.Trail
    drafts: list[trail.Draft] = field(default_factory=list)
    runs: dict[int, int] = field(default_factory=dict)
    """The copy of each payment run, by the original's id."""
    in_runs: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    budgets: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rounds: dict[int, int] = field(default_factory=dict)
    """The copy of each round that was copied now, by the original's id."""


class Copies:
    """Copies of the originals, each original in its turn."""

    def __init__(self, originals: list[Application], *, now: datetime) -> None:
        self.now = now
        self.tables = bulk.Tables()
        self.made = 0
        self.assessors: dict[Key, int] = {}
        people = Assessment.objects.order_by("assessor").values_list("assessor", flat=True).distinct()
        self.panel = [pk for pk in people if not Person.objects.get(pk=pk).email.startswith("s0")]
        self.rounds = {(ROUND, pk): pk for pk in Round.objects.values_list("pk", flat=True)}
        self.rounds |= {(BUDGET, pk): pk for pk in Budget.objects.values_list("pk", flat=True)}
        runs = ((RUN, pk) for pk in PaymentRun.objects.values_list("pk", flat=True))
        shared = [*self.rounds, *((PERSON, pk) for pk in self.panel), *runs]
        self.originals = [prototypes.read(application, shared=shared) for application in originals]

    def write(self, number: int) -> int:
        """Write that many more."""
        batch = Batch(chains.Trail(self.tables, at=self.now))
        for _ in range(number):
            if self.made % (REVIEWS_EACH * len(self.originals)) == 0:
                self._find_assessors()
            if self.made and self.made % (ROUND_EACH * len(self.originals)) == 0:
                self._find_rounds(batch)
            self._copy(self.originals[self.made % len(self.originals)], batch)
            self.made += 1
        self._copy_runs(batch)
        self.tables.write()
        batch.chain.lay_tiles()
        _move_budgets(batch)
        _freeze_runs(batch)
        trail.begin(batch.drafts)
        _tell_of_rounds(batch)
        return number

    def _find_assessors(self) -> None:
        """New people with the same parts and the same expertise as the sample's assessors."""
        self.assessors = {(PERSON, old): self.tables.new_id(Person) for old in self.panel}
        for model, by in ((Person, "pk"), (RoleAssignment, "person"), (AssessorProfile, "person")):
            names = [column.name for column in model._meta.concrete_fields]
            chosen = model._default_manager.filter(**{f"{by}__in": self.panel}).values_list("pk", flat=True)
            for row in bulk.read(model, list(chosen)):
                if model is Person:
                    row[0] = self.assessors[PERSON, row[0]]
                    row[names.index("email")] = f"s0{row[0]}@assessors.example.org"
                else:
                    row[0] = self.tables.new_id(model)
                    row[names.index("person")] = self.assessors[PERSON, row[names.index("person")]]
                self.tables.add(model, row)

    def _find_rounds(self, batch: Batch) -> None:
        """New rounds in the place of those that are closed, with the same budget and the same story."""
        rounds = {one.application.round_id for one in self.originals}
        names = [column.name for column in Round._meta.concrete_fields]
        for budget in Budget.objects.filter(round__in=rounds, round__closes_at__lt=self.now):
            ids = self.tables.new_id(Round), self.tables.new_id(Budget)
            self.rounds[ROUND, budget.round_id], self.rounds[BUDGET, budget.pk] = ids
            [row] = bulk.read(Round, [budget.round_id])
            row[0], row[names.index("reference")] = ids[0], _round_reference(row[names.index("reference")], ids[0])
            row[names.index("title")] = f"{row[names.index('title')]} ({ids[0]})"
            self.tables.add(Round, row)
            self.tables.add(Budget, [{"id": ids[1], "round": ids[0]}.get(column.name, 0) for column in Budget._meta.concrete_fields])
            entry = LedgerEntry.objects.filter(budget=budget, kind="budget").order_by("pk").first()
            batch.budgets[ids[1]].update(given=entry.amount_pence if entry else budget.amount_pence)
            batch.rounds[budget.round_id] = ids[0]

    def _copy(self, original: Prototype, batch: Batch) -> None:
        for run, amount in original.paid:
            if run not in batch.runs:
                batch.runs[run] = self.tables.new_id(PaymentRun)
            batch.in_runs[run].append(amount)
        ids = self.rounds | self.assessors | {(RUN, old): new for old, new in batch.runs.items()}
        fresh = [pk for model, count in original.counts.items() for pk in self.tables.new_ids(model, count)]
        ids |= zip(list(original.slots.of)[1 : len(fresh) + 1], fresh, strict=True)
        words = _new_words(original, ids)
        values = [str(ids.get(what) or words.get(what, "")) for what in original.slots.of]
        for paper in original.papers:
            values[paper.sha] = hashlib.sha256(paper.text(values).encode()).hexdigest()
        for model, lines in original.rows.items():
            self.tables.waiting[model].append(lines(values))
        batch.chain.add(original.events, values)
        if original.award is not None:
            batch.budgets[ids[BUDGET, original.award.budget_id]].update(
                committed=original.award.committed_pence, paid=original.award.paid_pence
            )

    def _copy_runs(self, batch: Batch) -> None:
        """The runs themselves, with the count and the total of what is in them; their history follows in `_freeze_runs`."""
        names = [column.name for column in PaymentRun._meta.concrete_fields]
        for old, new in batch.runs.items():
            [row] = bulk.read(PaymentRun, [old])
            row[0] = new
            row[names.index("reference")] = _run_reference(row[names.index("reference")], new)
            row[names.index("count")], row[names.index("total_pence")] = len(batch.in_runs[old]), sum(batch.in_runs[old])
            self.tables.add(PaymentRun, row)


def _round_reference(old: str, new: int) -> str:
    return f"{old}-S{new:05d}"


def _run_reference(old: str, new: int) -> str:
    return f"{old.rpartition('-')[0]}-S{new:05d}"


def _new_words(original: Prototype, ids: dict[Key, int]) -> dict[str, str]:
    """What stands in a copy for each word that names the original. The hashes are added as the papers are copied."""
    application, company = original.application, original.application.company
    place = ids[Case._meta.label_lower, application.case_id]
    payments = iter([new for (label, _), new in ids.items() if label == Payment._meta.label_lower])
    words = {}
    for word, kind in original.names.items():
        if kind == "reference":
            words[word] = f"{word.rpartition('-')[0]}-S{place:07d}"
        elif kind == "organisation":
            words[word] = f"{word} ({ids['applications.company', company.pk]})"
        elif kind == "company_number":
            words[word] = f"98{ids['applications.company', company.pk]:06d}"
        elif kind == "round":
            new = ids[ROUND, application.round_id]
            words[word] = word if new == application.round_id else _round_reference(word, new)
        elif kind == "email":
            words[word] = f"s{place}-{word}"
        elif kind == "by":
            old = int(word[5:-1])
            words[word] = f"{word[:5]}{ids[PERSON, old]}{word[-1]}"
        elif kind == "end_to_end":
            words[word] = f"S{next(payments):011d}"
    return words


def _move_budgets(batch: Batch) -> None:
    """The rounds' money grows by what the copies took of it, so that every total is still the sum of its entries."""
    for pk, sums in batch.budgets.items():
        taken = sums["committed"] + sums["given"]
        if not taken:
            continue
        budget = Budget.objects.select_for_update().select_related("round").get(pk=pk)
        number = LedgerEntry.objects.filter(budget=budget, kind="budget").count()
        at = budget.round.created_at
        LedgerEntry.objects.create(budget=budget, kind="budget", amount_pence=taken, source="seed", external_ref=f"{pk}-{number}", at=at)
        Budget.objects.filter(pk=pk).update(
            amount_pence=F("amount_pence") + taken,
            committed_pence=F("committed_pence") + sums["committed"],
            paid_pence=F("paid_pence") + sums["paid"],
        )


def _tell_of_rounds(batch: Batch) -> None:
    """Give each copied round the history of its original, in the programme's stream."""
    for old, new in batch.rounds.items():
        steps = StepTaken.objects.filter(record_type=ROUND, record_id=old).order_by("pk")
        for step in steps:
            step.pk, step.record_id = None, new
        StepTaken.objects.bulk_create(steps)
        events = Event.objects.filter(subject=f"{ROUND}:{old}").prefetch_related("personal_values").order_by("pk")
        trail.append(_again(event, stream=event.stream, subject=f"{ROUND}:{new}", after=event.after) for event in events)


def _again(event: Event, *, stream: str, subject: str, after: dict[str, Any]) -> trail.Draft:
    """What happened to an original, said of its copy."""
    personal = {value.path: json.loads(value.value) for value in event.personal_values.all()}
    return trail.Draft(
        stream=stream, kind=event.kind, actor=event.actor, at=event.at, subject=subject, before=event.before, after=after, personal=personal
    )


def _freeze_runs(batch: Batch) -> None:
    """Write the bank's file of every run that has one, and give each run the history of its original."""
    for old, new in batch.runs.items():
        first, run = PaymentRun.objects.get(pk=old), PaymentRun.objects.get(pk=new)
        if run.file:
            run.write_file(at=run.approved_at or run.created_at)
            run.save(update_fields=["file", "file_sha256"])
        batch.drafts += _run_history(first, run)
        steps = StepTaken.objects.filter(stream=first.stream).order_by("pk")
        for step in steps:
            step.pk, step.stream, step.record_id = None, run.stream, run.pk
        StepTaken.objects.bulk_create(steps)


def _run_history(first: PaymentRun, run: PaymentRun) -> Iterator[trail.Draft]:
    figures = {"count": run.count, "total_pence": run.total_pence, "file_sha256": run.file_sha256}
    for event in Event.objects.filter(stream=first.stream).prefetch_related("personal_values").order_by("sequence"):
        after = {name: figures.get(name, value) if value else value for name, value in event.after.items()}
        yield _again(event, stream=run.stream, subject=f"{RUN}:{run.pk}", after=after)
