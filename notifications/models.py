"""What leaves the system or happens later: outbox rows, and the notices people read."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    """Outbox rows by what is still to be done."""

    def undone(self) -> Self:
        return self.filter(done_at=None, given_up_at=None)

    def waiting(self, at: datetime) -> Self:
        """Due at `at`, and nobody's: no lease, or one that ran out with the worker that held it."""
        return self.undone().filter(Q(locked_until=None) | Q(locked_until__lt=at), available_at__lte=at)


class OutboxMessage(models.Model):
    """Something to do after the change it was written with. The row is the truth, the queue only a doorbell."""

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=160, unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["available_at", "id"], condition=Q(done_at=None, given_up_at=None), name="outbox_waiting_by_available")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by their reader."""

    def to(self, person: Any) -> Self:
        return self.filter(person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message to one person: always on their page, and mailed by the worker."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=60)
    stream = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-created_at"])]

    def __str__(self) -> str:
        return self.subject
