"""Running things at once, and making a race happen on purpose."""

import importlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

PATIENCE = 60
"""Seconds until whoever waits for another gives up. Nothing waits that long, on however slow a machine, unless something is wrong."""

GLANCE = 0.01
"""Seconds between two looks at whether the other has come, or stands at a lock."""


def in_threads(*tasks: Callable[[], Any]) -> list[Any]:
    """Run the tasks at once, each with a connection of its own, and return what they return or raise."""

    def run(task: Callable[[], Any]) -> Any:
        try:
            return task()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def somebody_waits_for_me() -> bool:
    """Whether another transaction stands at a lock that the transaction of this thread holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])


class MeetingPoint:
    """Where two threads wait for each other: both have read, neither has written.

    Where a lock keeps the other away, the one that holds it goes on as soon as the other stands at the lock.
    """

    def __init__(self) -> None:
        self.come: set[int] = set()

    def wait(self) -> None:
        me = threading.get_ident()
        if me in self.come:
            return
        self.come.add(me)
        until = time.monotonic() + PATIENCE
        while len(self.come) < 2 and not somebody_waits_for_me() and time.monotonic() < until:
            time.sleep(GLANCE)


def meet_after(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Let two callers of `target` (a dotted path) wait for each other when each comes out of it for the first time."""
    module, _, name = target.rpartition(".")
    owner = importlib.import_module(module)
    original, meeting = getattr(owner, name), MeetingPoint()

    def then_wait(*args: Any, **options: Any) -> Any:
        answer = original(*args, **options)
        meeting.wait()
        return answer

    monkeypatch.setattr(owner, name, then_wait)
