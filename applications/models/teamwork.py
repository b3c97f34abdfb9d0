"""Who of a company's team writes what, and what staff typed for it on the telephone."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from applications.models.applications import Application


class Assignment(models.Model):
    """A section, or one question of it, that a colleague is asked to write. It keeps nobody else from writing there."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="assignments")
    section = models.CharField(max_length=60)
    question = models.CharField(max_length=60, blank=True)
    """One question of the section; the whole of it where that is empty."""
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "section", "question"], condition=Q(ended_at=None), name="assignment_is_one_persons_at_a_time"
            ),
            both_or_neither("ended_at", "ended_by", of="assignment"),
        ]

    def __str__(self) -> str:
        return f"{self.question or self.section} of application {self.application_id}"

    @property
    def title(self) -> str:
        """What is to be written, in the form's own words."""
        form = self.application.version.definition.form
        section = next(each for each in form.sections if each.id == self.section)
        return form.question(self.question).label if self.question else section.title


class AssistedAnswer(models.Model):
    """What staff typed for a company that told it to them. It is no answer before the company's owner confirms it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="assisted_answers")
    question = models.CharField(max_length=60)
    value = models.JSONField()
    typed_at = models.DateTimeField()
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            both_or_neither("settled_at", "settled_by", of="assisted_answer"),
            models.CheckConstraint(
                condition=Q(is_confirmed=False) | Q(settled_at__isnull=False), name="assisted_answer_confirmed_is_settled"
            ),
            models.UniqueConstraint(
                fields=["application", "question"], condition=Q(settled_at=None), name="assisted_answer_waits_once_per_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} of application {self.application_id}, typed by staff"
