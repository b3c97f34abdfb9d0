"""What an officer asked a company to change after it was sent in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from applications.models.applications import Application, SubmittedPaper


class ChangeRequest(models.Model):
    """Sections to change, why, and the papers before and after: both are kept. One is open at a time."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="change_requests")
    sections = models.JSONField()
    """Ids of the sections that are open, in the form's order."""
    reason = models.TextField()
    returns_to = models.CharField(max_length=30)
    """The state in which it was asked for, where the application goes back to."""
    paper_before = models.ForeignKey(SubmittedPaper, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    paper_after = models.ForeignKey(SubmittedPaper, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reply = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(closed_at=None), name="change_request_is_open_once_each"),
            both_or_neither("closed_at", "closed_by", of="change_request"),
            models.CheckConstraint(
                condition=Q(paper_after=None) | Q(closed_at__isnull=False), name="change_request_with_a_new_paper_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return f"changes asked of application {self.application_id}"
