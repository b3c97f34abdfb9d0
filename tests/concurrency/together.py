"""Running things at once, and making a race happen on purpose."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

PATIENCE = 1.5
"""Seconds that one waits for the other at the meeting point; with locks in place the other cannot come."""


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


def meet_after(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    """Let two callers of `target` (a dotted path) wait for each other when they come out of it: both have read, neither has written."""
    import importlib

    module, _, name = target.rpartition(".")
    owner = importlib.import_module(module)
    original = getattr(owner, name)
    barrier = threading.Barrier(2)

    def then_wait(*args: Any, **options: Any) -> Any:
        answer = original(*args, **options)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE)
        return answer

    monkeypatch.setattr(owner, name, then_wait)
