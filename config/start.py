"""What web, worker and beat ask before they begin."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import structlog
from celery.signals import beat_init, task_postrun, worker_init
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections
from django.utils import timezone

from accounts.actions import demonstration
from accounts.refusals import NotAllowedNow
from config.measuring import SEEN

log = structlog.get_logger(__name__)


def check(*, wait: Callable[[float], object] = time.sleep) -> None:
    """Raise ImproperlyConfigured, which stops gunicorn, when the mode and the database do not belong together.

    A database server that does not answer is waited for: a process that is started again while it is away must not stop the others.
    """
    while True:
        try:
            demonstration.refuse_wrong_mode(is_demo=settings.DEMO, at=timezone.now())
            return
        except NotAllowedNow as refusal:
            if not (isinstance(refusal.__cause__, OperationalError) and connection.vendor == "postgresql"):
                raise ImproperlyConfigured(refusal.sentence) from refusal
            log.warning("database_waited_for", error=type(refusal.__cause__).__name__)
            connection.close()
            wait(1)


if settings.DEMO:  # a demonstration is often tried as root, where Celery warns at length
    warnings.filterwarnings("ignore", module="celery.platforms")


@task_postrun.connect
def note_that_work_was_done(**_signal: Any) -> None:
    """`/metrics` tells when a worker last did anything."""
    cache.set(SEEN, time.time(), None)


@worker_init.connect
@beat_init.connect
def check_before_working(**_signal: Any) -> None:
    """Celery goes on after an exception in a receiver, so leave."""
    try:
        check()
    except ImproperlyConfigured as problem:
        raise SystemExit(f"✗ {problem}") from problem
    connections.close_all()  # a connection must not be shared with processes that are forked later
