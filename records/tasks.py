"""Celery's part: once a day, what has been kept for its years goes."""

import structlog
from celery import shared_task
from django.utils import timezone

from accounts.refusals import Refusal
from applications.actions import equality
from records.actions import erasures

log = structlog.get_logger(__name__)


@shared_task(ignore_result=True)
def erase_what_is_due() -> None:
    """What something keeps is told in the log and tried again tomorrow. Equality reports that may be made are made."""
    for kept, outcome in erasures.run(at=timezone.now()):
        kept_back = outcome.code if isinstance(outcome, Refusal) else ""
        log.info("retention", reference=kept.application.reference, erased=not kept_back, kept_back=kept_back)
    log.info("retention", told_of_what_goes=erasures.warn(at=timezone.now()))
    log.info("retention", dormant_accounts_erased=erasures.forget_dormant(at=timezone.now()))
    log.info("equality", reports_made=equality.report_all(at=timezone.now()))
