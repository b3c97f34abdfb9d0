"""Celery's part: every few minutes, rankings that changed are kept."""

import structlog
from celery import shared_task
from django.utils import timezone

from assessments.actions import rankings

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def keep_rankings() -> None:
    """A page shows the ranking as it stands at every moment; what it was is kept for whoever asks later."""
    for run in rankings.keep_all(at=timezone.now()):
        log.info("ranking_kept", run=run.pk, inputs_sha256=run.inputs_sha256)
