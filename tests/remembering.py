"""Stages that were reached once are remembered: the next test that walks the same way from an empty database gets their rows back.

A stage calls dozens of actions; a test cares for what comes after them. So the first test to walk a way (the cast, then a round, then
an award, say) walks it by calling actions, as every stage must; what that wrote is kept, and tests that walk the same way in the same
process have the rows put back as they were, in a few statements. After any other write and in a second thread the stage is walked for
real. `PUMPHOUSE_REMEMBER=0` walks every way for real.
"""

import functools
import importlib
import inspect
import os
import pkgutil
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, models, transaction
from django.db.backends.signals import connection_created

from tests import stages

Rows = dict[Any, tuple]
"""The rows of a table by their primary key."""
WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)
READS = re.compile(r"[\s(]*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK TO|PRAGMA|SET|EXPLAIN)\b", re.IGNORECASE)
PARAMETERS = 30_000
"""The most that SQLite takes in one statement."""
IS_ON = os.environ.get("PUMPHOUSE_REMEMBER", "1") != "0"


class NotRememberable(Exception):
    """An argument or a result that cannot be named by primary keys and plain values."""


@dataclass(frozen=True)
class Reference:
    """A record by its model and key: what stands for it in a memory."""

    model: type[models.Model]
    pk: Any


@dataclass
class Memory:
    """What a call wrote, what it mailed and what it answered."""

    changes: dict[str, tuple[list[tuple], list[tuple], list[Any]]]
    contents: dict[str, Rows]
    letters: list[Any]
    answer: Any


@dataclass
class World:
    """What this test's database holds: the remembered calls that led here, and what was written since the last of them."""

    history: tuple = ()
    contents: dict[str, Rows] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    is_lost: bool = False
    thread: int = field(default_factory=threading.get_ident)
    others_version: int = field(default_factory=lambda: _others_version())

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        """Watch what is written (Django's execute wrapper)."""
        if match := WRITES.match(sql):
            self.touched.add(match[1])
        elif not READS.match(sql):
            self.is_lost = True
        return execute(sql, params, many, context)

    @property
    def is_known(self) -> bool:
        is_ours = not self.touched and not self.is_lost and threading.get_ident() == self.thread
        return is_ours and _others_version() == self.others_version


def _others_version() -> int:
    """A number that changes when somebody else (the live server, another thread or process of the test) may have written."""
    if connection.in_atomic_block:
        return 0
    if connection.vendor != "sqlite":
        return len(_others)
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA data_version").fetchone()[0]


_others: list[Any] = []
"""PostgreSQL does not say whether others have written: every connection of another thread and every process started counts as a writer."""


def _note_a_connection(**_: Any) -> None:
    if threading.current_thread() is not threading.main_thread():
        _others.append(threading.get_ident())


def _note_a_process(event: str, _: Any) -> None:
    if event == "subprocess.Popen":
        _others.append(event)


connection_created.connect(_note_a_connection)
sys.addaudithook(_note_a_process)


_memories: dict[tuple, Memory] = {}
_empty: dict[int, dict[str, Rows]] = {}
"""What the migrations bring, by the key of the system's person: after a flush it has another."""
_world: World | None = None


@pytest.fixture(autouse=True)
def _forget_the_last_world() -> Iterator[None]:
    """Every test begins in a world of its own."""
    _leave()
    yield
    _leave()


def remember_stages() -> None:
    """Wrap every stage in `tests/stages`: the public functions whose first argument is the cast."""
    for found in pkgutil.iter_modules(stages.__path__, f"{stages.__name__}."):
        module = importlib.import_module(found.name)
        for name, thing in vars(module).copy().items():
            if inspect.isfunction(thing) and thing.__module__ == module.__name__ and [*inspect.signature(thing).parameters][:1] == ["cast"]:
                setattr(module, name, remembered(thing))


def remembered(stage: Callable[..., Any]) -> Callable[..., Any]:
    """A stage whose rows are put back when the same calls have led here before."""

    @functools.wraps(stage)
    def reach(*args: Any, **kwargs: Any) -> Any:
        world = _entered()
        if world is None or not world.is_known:
            return stage(*args, **kwargs)
        try:
            key = (*world.history, (stage.__module__, stage.__qualname__, _named(args), _named(kwargs)))
        except NotRememberable:
            return stage(*args, **kwargs)
        if key in _memories:
            return _put_back(world, key, _memories[key])
        return _walk(world, key, lambda: stage(*args, **kwargs))

    return reach


def _entered() -> World | None:
    """The world of this test; a new one when nothing of ours has been written yet."""
    global _world
    if _world is None and IS_ON and (system := _alone()):
        if system not in _empty:
            _empty[system] = {table: rows(table) for table in tables()}
        _world = World(history=(system,), contents=_empty[system])
        connection.execute_wrappers.append(_world)
    return _world


def _leave() -> None:
    global _world
    if _world is not None and _world in connection.execute_wrappers:
        connection.execute_wrappers.remove(_world)
    _world = None


def _alone() -> int | None:
    """The key of the system's person where nobody else is there and nothing has happened yet: what the migrations bring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), MAX(id), (SELECT COUNT(*) FROM audit_event) FROM accounts_person")
        people, system, events = cursor.fetchone()
    return system if (people, events) == (1, 0) else None


def _walk(world: World, key: tuple, stage: Callable[[], Any]) -> Any:
    """Reach the stage by its actions, and remember what they wrote."""
    before, letters = world.contents, len(mail.outbox)
    answer = stage()
    if world.is_lost:
        return answer
    contents = world.contents | {table: rows(table) for table in world.touched}
    world.history, world.contents = key, contents
    world.touched.clear()
    try:
        _memories[key] = Memory(_changes(before, contents), contents, mail.outbox[letters:], _named(answer))
    except NotRememberable:
        world.is_lost = True
    return answer


@transaction.atomic
def _put_back(world: World, key: tuple, memory: Memory) -> Any:
    for table, (new, changed, gone) in memory.changes.items():
        columns, key_column = tables()[table]
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            for some in _chunks(new, len(columns)):
                places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(some))
                cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES {places}', [value for row in some for value in row])
            for row in changed:
                values = ", ".join(f'"{name}" = %s' for name in columns)
                cursor.execute(f'UPDATE "{table}" SET {values} WHERE "{key_column}" = %s', [*row, row[columns.index(key_column)]])
            for pk in gone:
                cursor.execute(f'DELETE FROM "{table}" WHERE "{key_column}" = %s', [pk])
    mail.outbox.extend(memory.letters)
    world.history, world.contents = key, memory.contents
    world.touched.clear()
    return _records(memory.answer)


def _changes(before: dict[str, Rows], after: dict[str, Rows]) -> dict[str, tuple[list[tuple], list[tuple], list[Any]]]:
    """Rows that are new, changed and gone, by table."""
    found = {}
    for table, rows in after.items():
        old = before[table]
        if rows is old:
            continue
        new = [row for pk, row in rows.items() if pk not in old]
        changed = [row for pk, row in rows.items() if pk in old and row != old[pk]]
        gone = [pk for pk in old if pk not in rows]
        if new or changed or gone:
            found[table] = (new, changed, gone)
    return found


def _chunks(rows: list[tuple], width: int) -> Iterable[list[tuple]]:
    size = PARAMETERS // width
    return (rows[start : start + size] for start in range(0, len(rows), size))


@functools.cache
def tables() -> dict[str, tuple[list[str], str]]:
    """The columns and the key's column of every table of ours."""
    return {
        model._meta.db_table: ([field.column for field in model._meta.local_concrete_fields], model._meta.pk.column)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }


def rows(table: str) -> Rows:
    columns, key = tables()[table]
    with connection.cursor() as cursor:
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(f'SELECT {names} FROM "{table}"')
        place = columns.index(key)
        return {row[place]: tuple(row) for row in cursor.fetchall()}


def _named(value: Any) -> Any:
    """A value with every record replaced by its reference, fit to be compared; raises NotRememberable."""
    if isinstance(value, models.Model):
        return Reference(type(value), value.pk)
    if isinstance(value, dict):
        return (dict, tuple((name, _named(item)) for name, item in value.items()))
    if isinstance(value, list | tuple):
        return (type(value), tuple(_named(item) for item in value))
    try:
        hash(value)
    except TypeError:
        raise NotRememberable(type(value)) from None
    if callable(value) or hasattr(value, "__next__"):
        raise NotRememberable(type(value))
    return value


def _records(named: Any) -> Any:
    """The other way: records are fetched anew, each model's in one query."""
    wanted: dict[type[models.Model], set] = {}
    for reference in _references(named):
        wanted.setdefault(reference.model, set()).add(reference.pk)
    found = {(model, pk): record for model, keys in wanted.items() for pk, record in model._base_manager.in_bulk(keys).items()}
    return _with_records(named, found)


def _references(named: Any) -> Iterator[Reference]:
    if isinstance(named, Reference):
        yield named
    elif isinstance(named, tuple):
        for part in named:
            yield from _references(part)


def _with_records(named: Any, found: dict[tuple, models.Model]) -> Any:
    if isinstance(named, Reference):
        return found[named.model, named.pk]
    if isinstance(named, tuple):
        kind, items = named
        if kind is dict:
            return {name: _with_records(item, found) for name, item in items}
        return kind(_with_records(item, found) for item in items)
    return named
