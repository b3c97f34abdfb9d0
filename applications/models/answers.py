"""What a company's people wrote, question by question, and every earlier text."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Person
from applications.models.applications import Application
from audit import rows


class Answer(models.Model):
    """The answer to one question as it stands. `revision` counts saves: whoever saves says which one they had read."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    is_confidential = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="answer_is_one_per_question"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="answer_revision_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.question} of application {self.application_id}"

    def save_over(self, value: Any, *, is_confidential: bool, by: Person, at: datetime) -> None:
        """Say something else from now on; what it said is kept as a revision."""
        kept = AnswerRevision(answer=self, revision=self.revision, value=self.value, saved_at=self.saved_at, saved_by_id=self.saved_by_id)
        rows.insert(kept)
        self.value, self.is_confidential = value, is_confidential
        self.revision, self.saved_at, self.saved_by = self.revision + 1, at, by
        rows.update(self, "value", "is_confidential", "revision", "saved_at", "saved_by")


class AnswerRevision(models.Model):
    """What an answer said before it was saved over: a company never loses a word."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="earlier")
    revision = models.PositiveIntegerField()
    value = models.JSONField(null=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "revision"], name="answer_revision_is_kept_once")]

    def __str__(self) -> str:
        return f"revision {self.revision} of answer {self.answer_id}"
