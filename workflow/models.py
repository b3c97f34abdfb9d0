"""The case that everything about one application hangs on, the history of steps, and deadlines."""

from typing import Self

from django.conf import settings
from django.db import connections, models
from django.db.models import Q

from audit.composed import Composed, Given
from audit.triggers import protect


class CaseQuerySet(models.QuerySet["Case"]):
    def hold(self, *keys: int) -> None:
        """Lock these cases, in the order of their ids, until the transaction ends (docs/adr/0003).

        FOR NO KEY UPDATE, so that autosaves of children go on. On SQLite the IMMEDIATE transaction is the lock, and nothing is asked.
        """
        if not connections[self.db].features.has_select_for_update:
            return
        if len(keys) == 1:
            HELD.all(key=keys[0])
        else:
            list(self.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


class Case(models.Model):
    """One application from its first draft to its closed award: the reference people quote, the lock, the audit stream.

    `holder` says who must act now (the owner of the state reached last), `held_since` since when.
    """

    reference = models.CharField(max_length=24, unique=True)
    holder = models.CharField(max_length=40, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.reference

    @property
    def stream(self) -> str:
        return f"case:{self.reference}"


HELD = Composed(lambda: Case.objects.select_for_update(no_key=True).filter(pk=Given("key", models.BigIntegerField())).values_list("pk"))
"""One case, locked: most steps touch no other."""


@protect
class StepTaken(models.Model):
    """One step that one record took: the history that separation of duties and idempotency read."""

    stream = models.CharField(max_length=80)
    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    step = models.CharField(max_length=40)
    duty = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=30)
    target = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=120, blank=True)
    inputs_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "step", "key"], condition=~Q(key=""), name="step_with_a_key_is_taken_once"
            )
        ]
        indexes = [models.Index(fields=["stream", "duty"]), models.Index(fields=["record_type", "record_id", "at"])]

    def __str__(self) -> str:
        return f"{self.record_type} {self.record_id}: {self.step}"


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    """Deadlines by what is still to come of them."""

    def live(self) -> Self:
        return self.filter(done_at=None, cancelled_at=None)

    def of(self, record: models.Model) -> Self:
        return self.filter(record_type=record._meta.label_lower, record_id=record.pk)


class Deadline(models.Model):
    """Something falls due on a record. Fired once by beat, whoever else is running."""

    record_type = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    name = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    locked_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record_type", "record_id", "name"],
                condition=Q(done_at=None, cancelled_at=None),
                name="deadline_of_a_name_is_live_once_per_record",
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at=None, cancelled_at=None), name="deadline_live_by_due")]

    def __str__(self) -> str:
        return f"{self.name} of {self.record_type} {self.record_id} at {self.due_at}"
