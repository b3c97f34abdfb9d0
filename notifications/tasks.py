"""Celery's part: ring the doorbell, do what waits, ring again."""

from celery import shared_task


def ring() -> None:
    """Ask a worker to look at the outbox; a broker that is away costs nothing but the wait for beat's next ring."""
    deliver_waiting.delay()


@shared_task(ignore_result=True)
def deliver_waiting() -> None:
    """Do every message that waits."""
