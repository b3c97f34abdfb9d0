"""Celery's part: seal every few seconds, sign a checkpoint now and then. Beat's table in the settings says how often."""

from celery import shared_task
from django.utils import timezone

from audit import checkpoints, sealer
from audit.models import Checkpoint


@shared_task(ignore_result=True, expires=30)
def seal() -> None:
    """Give committed events their positions, unless another worker is at it."""
    sealer.seal(at=timezone.now(), wait=False)


@shared_task(ignore_result=True)
def checkpoint() -> None:
    """Sign the trail if it has grown since the last checkpoint."""
    now = timezone.now()
    sealer.seal(at=now)
    last = Checkpoint.objects.order_by("-pk").first()
    if sealer.size() > (last.size if last else 0):
        checkpoints.sign(at=now)
