"""Equality data: kept apart from everything else that we know of a person."""

import uuid

from django.db import models


class EqualityAnswer(models.Model):
    """One answer of somebody to one question, on purpose without a foreign key, a time or an order.

    `giver` is a keyed hash of person and programme: with it whoever gave the answers finds, changes and deletes them, and nobody joins
    them to an application. No page and no export but its giver's own reads a row of this table; reports count them in groups.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    giver = models.CharField(max_length=64)
    programme = models.CharField(max_length=60)
    question = models.CharField(max_length=20)
    choice = models.CharField(max_length=20)
    given_in = models.PositiveSmallIntegerField()
    """The year."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["giver", "question"], name="equality_answer_is_one_per_giver_and_question")]
        indexes = [models.Index(fields=["programme", "question", "choice"], name="equality_answer_counted")]

    def __str__(self) -> str:
        return f"an answer about {self.question}"


class EqualityReport(models.Model):
    """Counts as they were published, small groups left out. The next waits until ten more have answered, so that none tells of one."""

    programme = models.CharField(max_length=60)
    made_on = models.DateField()
    givers = models.PositiveIntegerField()
    figures = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["programme", "-id"], name="equality_report_newest")]

    def __str__(self) -> str:
        return f"equality in {self.programme}, {self.made_on}"
