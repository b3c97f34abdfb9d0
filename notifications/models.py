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
    mail_id = models.CharField(max_length=32, blank=True)
    """The part of the mail's Message-ID before the @, once it is sent: by it we know our own mail when it comes back."""
    done_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["available_at", "id"], condition=Q(done_at=None, given_up_at=None), name="outbox_waiting_by_available"),
            models.Index(fields=["mail_id"], condition=~Q(mail_id=""), name="outbox_by_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by their reader."""

    def to(self, person: Any) -> Self:
        return self.filter(person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def for_digest(self) -> Self:
        """Those that wait for their reader's daily mail."""
        return self.filter(waits_for_digest=True, sent_at=None)


class Notice(models.Model):
    """One message to one person: always on their page, and mailed by the worker, at once or with the day's others."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=60)
    stream = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    path = models.CharField(max_length=200, blank=True)
    is_urgent = models.BooleanField(default=False)
    waits_for_digest = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-created_at"]),
            models.Index(fields=["person", "id"], condition=Q(waits_for_digest=True, sent_at=None), name="notice_waiting_for_digest"),
        ]

    def __str__(self) -> str:
        return self.subject


class MailChoiceQuerySet(models.QuerySet["MailChoice"]):
    """What people chose."""

    def of(self, person: Any) -> str:
        """How this person wants their mail."""
        chosen = self.filter(person=person).first()
        return chosen.how if chosen else MailChoice.How.AT_ONCE


class MailChoice(models.Model):
    """How a person wants their mail. Who chose nothing gets it as it happens."""

    class How(models.TextChoices):
        AT_ONCE = "at_once", "As it happens"
        DIGEST = "digest", "Once a day, in one email in the morning"

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mail_choice")
    how = models.CharField(max_length=10, choices=How, default=How.AT_ONCE)
    chosen_at = models.DateTimeField()

    objects = MailChoiceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person}: {self.get_how_display()}"


class FailingAddressQuerySet(models.QuerySet["FailingAddress"]):
    """Addresses by whether mail to them comes back still."""

    def standing(self) -> Self:
        return self.filter(cleared_at=None)

    def of(self, address: str) -> Self:
        return self.filter(address=address.lower())

    def to(self, person: Any) -> Self:
        """The one of a person's own address."""
        return self.of(person.email)


class FailingAddress(models.Model):
    """Mail to this address came back for good. Notices are not mailed to it until somebody says that it works; sign-in codes are."""

    address = models.CharField(max_length=254)
    status = models.CharField(max_length=12, blank=True)
    """The enhanced code (RFC 3463), such as 5.1.1, or the server's own, such as 550."""
    said = models.CharField(max_length=300, blank=True)
    failed_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = FailingAddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "failing addresses"
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=Q(cleared_at=None), name="address_fails_once_at_a_time"),
            models.CheckConstraint(condition=~Q(address=""), name="failing_address_is_named"),
        ]

    def __str__(self) -> str:
        return self.address
