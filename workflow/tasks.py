"""Celery's part: beat asks every few seconds whether a deadline has fallen due."""

from celery import shared_task
from django.utils import timezone

from workflow import deadlines


@shared_task(ignore_result=True)
def fire_due_deadlines() -> None:
    """Fire the deadlines that are due now."""
    deadlines.fire_due(at=timezone.now())
