"""How a lifecycle is declared: states with an owner and a public name, steps with permission, guards and duty.

A thin layer over django-fsm: `@step` is its `@transition` plus what a grant programme needs to say about a step.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self

from django.db import models
from django_fsm import RETURN_VALUE, FSMModelMixin, transition

from accounts.models import Person
from accounts.roles import Permission, Role
from workflow.models import Case

_open_door: ContextVar[object | None] = ContextVar("record whose step the engine is taking", default=None)


class StepOutsideTheEngine(RuntimeError):
    """A step method was called directly; only `workflow.engine.fire()` may."""


class States(models.TextChoices):
    """States of one lifecycle, each written as `NAME = value, owner, public name, label`.

    `owner` is who must act while a record is there ("" when nobody must), `public` what the applicant sees.
    """

    owner: str
    public: str

    def __new__(cls, value: str, owner: str = "", public: str = "") -> Self:
        state = str.__new__(cls, value)
        state._value_ = value
        state.owner = owner
        state.public = public
        return state


@dataclass(frozen=True)
class Step:
    """What a lifecycle says of one step."""

    name: str
    label: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    needs: Permission
    guards: tuple[Callable[..., None] | str, ...]
    keeps_out: tuple[Callable[..., None] | str, ...]
    duty: str
    tells: tuple[str, ...]
    note_required: bool


def step(
    *,
    source: str | Iterable[str],
    target: str | tuple[str, ...],
    needs: Permission,
    guards: Iterable[Callable[..., None] | str] = (),
    keeps_out: Iterable[Callable[..., None] | str] = (),
    duty: str = "",
    label: str = "",
    tells: Iterable[str] = (),
    note_required: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a step. A tuple of targets means that the method returns the one to go to.

    `guards` are callables `check(record, *, at)` that raise a refusal, or the name of one that a package above registers
    with `workflow.guards.register`. `keeps_out` are such callables `check(record, *, by)`: they judge who takes the step, where `guards`
    judge the record. `duty` names the separation-of-duties role the step plays. `tells` lists the outbox
    kinds and notices written with the change. `note_required` asks for a reason.
    """
    sources = (str(source),) if isinstance(source, str) else tuple(str(state) for state in source)
    targets = (str(target),) if isinstance(target, str) else tuple(str(state) for state in target)

    def declare(method: Callable[..., Any]) -> Callable[..., Any]:
        declared = Step(
            name=method.__name__,
            label=label or method.__name__.replace("_", " ").capitalize(),
            sources=sources,
            targets=targets,
            needs=needs,
            guards=tuple(guards),
            keeps_out=tuple(keeps_out),
            duty=duty,
            tells=tuple(tells),
            note_required=note_required,
        )

        @wraps(method)
        def through_the_door(record: models.Model, **inputs: Any) -> Any:
            if _open_door.get() is not record:
                raise StepOutsideTheEngine(f"{method.__name__}() is only called by workflow.engine.fire()")
            return method(record, **inputs)

        through_the_door.step = declared
        goes_to = targets[0] if len(targets) == 1 else RETURN_VALUE(*targets)
        return transition(field="state", source=list(sources), target=goes_to, custom={"step": declared})(through_the_door)

    return declare


@contextmanager
def door_open_for(record: models.Model) -> Iterator[None]:
    """Let the engine, and nobody else, call a step method of this record."""
    token = _open_door.set(record)
    try:
        yield
    finally:
        _open_door.reset(token)


class Lifecycle(FSMModelMixin, models.Model):
    """Base of every lifecycle: a record with a `state`, its steps, and its place in the house.

    A concrete record says what it belongs to through `stream`, `scopes`, `case` (or None), `control` and `related_streams`.
    """

    State: type[States]
    state: str
    case: Case | None = None
    audited: tuple[str, ...] = ()
    """Names of fields whose values before and after go into the trail in the clear: never personal ones."""
    reads_with: tuple[str, ...] = ()
    """Related records that permission, guards and steps look at: read together with the record when it is locked."""
    reads_without: tuple[str, ...] = ()
    """Columns of those that no step looks at, large or encrypted: not read with them."""
    moves_case = False
    """Whether the owner of this record's state is who holds the case: true of the application, its award and its claims."""

    class Meta:
        abstract = True

    @classmethod
    def record_type(cls) -> str:
        return cls._meta.label_lower

    @classmethod
    def steps(cls) -> dict[str, Step]:
        """The steps of this lifecycle by name, in the order they are declared."""
        found: dict[str, Step] = {}
        for owner in reversed(cls.__mro__):
            for name, attribute in vars(owner).items():
                declared = getattr(attribute, "step", None)
                if isinstance(declared, Step):
                    found[name] = declared
        return found

    @property
    def state_now(self) -> States:
        return self.State(self.state)

    @property
    def stream(self) -> str:
        """The audit stream, which is also the thread of history that separation of duties reads."""
        if self.case is None:
            raise NotImplementedError(f"{type(self).__name__} has no case: it must say its own stream")
        return self.case.stream

    def scopes(self) -> set[str]:
        """Where a role must be held to reach this record."""
        raise NotImplementedError

    def control(self) -> str:
        """The separation table in force: `small_team` or `standard`."""
        return "small_team"

    def related_streams(self) -> set[str]:
        """The streams whose history separation of duties is judged on: its own and those it touches."""
        return {self.stream}

    def separation_threads(self) -> models.Q:
        """The steps taken that separation of duties is judged on: those of the related streams, unless a record is judged alone."""
        return models.Q(stream__in=self.related_streams())

    def cases_to_lock(self) -> list[int]:
        """Ids of the cases that a step on this record must hold."""
        return [self.case_id] if getattr(self, "case_id", None) else []

    def parts_played_by(self, person: Person) -> set[Role]:
        """Roles a person plays in this one record (its assessor, say), beside those held on its scopes."""
        return set()
