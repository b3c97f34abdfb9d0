"""Files that support an answer: named safely, hashed, kept in private storage."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from accounts.models import Person
from applications.models.applications import Application
from applications.models.scanned import Scanned, verdict_has_its_time

RESPONSE = "-response"
"""In place of a question: what comes with a company's response to its assessors. No question has such a name."""


def private_path(document: "Document", filename: str) -> str:
    """Where the bytes lie: nothing of the uploaded name, so that no name can reach outside."""
    return f"applications/{document.application.reference}/{uuid.uuid4().hex}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, person: Person) -> "DocumentQuerySet":
        """Documents of applications the person may read."""
        return self.filter(application__in=Application.objects.visible_to(person))

    def kept(self) -> "DocumentQuerySet":
        return self.filter(removed_at=None)

    def of_the_form(self) -> "DocumentQuerySet":
        """Those that support an answer: what comes with a response to the assessors is no part of the application."""
        return self.exclude(question=RESPONSE)

    def of_the_response(self) -> "DocumentQuerySet":
        """Those that came with a company's response to the assessors, and were not taken back."""
        return self.kept().filter(question=RESPONSE).order_by("pk")


class Document(Scanned):
    """One uploaded file. The bytes are never shown under the uploaded name's type, only under the type found in them."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="documents")
    question = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=private_path, max_length=200)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="document_is_not_empty"),
            models.UniqueConstraint(
                fields=["application", "question", "sha256"], condition=Q(removed_at=None), name="document_is_attached_once_per_question"
            ),
            verdict_has_its_time("document"),
            both_or_neither("removed_at", "removed_by", of="document"),
        ]
        indexes = [models.Index(fields=["sha256"])]

    def __str__(self) -> str:
        return self.name
