"""Celery's part: a ring, from the change itself or from beat, makes a worker do what waits."""

from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone

from notifications import delivery
from notifications.actions import choices, returned

log = structlog.get_logger(__name__)


def ring() -> None:
    """Ask a worker to look at the outbox. A broker that is away costs only the wait for beat's next ring."""
    try:
        deliver_waiting.apply_async(retry=False)
    except Exception as error:
        log.warning("doorbell_not_rung", error=type(error).__name__)


@shared_task(ignore_result=True)
def deliver_waiting() -> None:
    """Do every message that waits."""
    delivery.drain(at=timezone.now())


@shared_task(ignore_result=True)
def put_digests() -> None:
    """Write the day's mails, from the morning on."""
    choices.put_digests(at=timezone.now())


@shared_task(ignore_result=True)
def read_bounces() -> None:
    """Read the mail that came back, where BOUNCES_FOLDER says where the mail server puts it."""
    if not settings.BOUNCES_FOLDER:
        return
    try:
        for report in returned.read_folder(folder=Path(settings.BOUNCES_FOLDER), at=timezone.now()):
            log.info("bounce_read", noted=report.noted, refusal=report.refusal)
    except OSError as error:
        log.warning("bounces_folder_unreadable", error=type(error).__name__)
