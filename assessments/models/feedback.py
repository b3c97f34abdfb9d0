"""Letters of feedback: read by a person before they go out."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from assessments.models.decisions import Decision


class FeedbackLetter(models.Model):
    """The assessors' words on one decision as somebody read them: what is released is this, whatever changes later."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="feedback")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    left_out = models.JSONField(default=list)
    """Comments that do not go out, such as "need:Assessor A"; they stay on the review."""
    note = models.TextField(blank=True)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("released_at", "released_by", of="feedback_letter"),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(released_at__gte=models.F("checked_at")), name="feedback_letter_is_checked_before_release"
            ),
        ]

    def __str__(self) -> str:
        return f"Feedback on {self.decision}"
