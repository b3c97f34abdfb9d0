"""The WSGI entry of a rehearsal's own process: the house, and an eye on whether it is still needed."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from config.wsgi import application as house

IDLE = 30 * 60.0
"""Seconds without a request after which the process ends; the next request starts it again."""
LOOK = 2.0

_asked_at = time.monotonic()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the house does, and remember that somebody was here."""
    global _asked_at
    _asked_at = time.monotonic()
    environ["REMOTE_ADDR"] = environ.get("REMOTE_ADDR") or "127.0.0.1"  # a socket in a folder has no address
    answer: Iterable[bytes] = house(environ, start_response)
    return answer


def is_needed(folder: Path, started_by: int) -> bool:
    """Whether the rehearsal is still there, whoever started this process still lives, and somebody was here lately."""
    return folder.is_dir() and Path(f"/proc/{started_by}").exists() and time.monotonic() - _asked_at < IDLE


def _watch(folder: Path, started_by: int) -> None:
    while is_needed(folder, started_by):
        time.sleep(LOOK)
    os.kill(os.getppid(), signal.SIGTERM)


if settings.REHEARSAL and (starter := os.environ.get("STARTED_BY")):
    threading.Thread(target=_watch, args=(Path(settings.VAR_DIR), int(starter)), daemon=True).start()
