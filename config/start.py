"""What web, worker and beat ask before they begin."""

import time
import warnings
from typing import Any

from celery.signals import beat_init, task_postrun, worker_init
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone

from accounts.actions import demonstration
from accounts.refusals import NotAllowedNow
from config.measuring import SEEN


def check() -> None:
    """Raise ImproperlyConfigured, which stops gunicorn, when the mode and the database do not belong together."""
    try:
        demonstration.refuse_wrong_mode(is_demo=settings.DEMO, at=timezone.now())
    except NotAllowedNow as refusal:
        raise ImproperlyConfigured(refusal.sentence) from refusal


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
