"""Files that are on their way, piece by piece, over a line that may break."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.applications import Application


class Uploading(models.Model):
    """A file of which we have the first pieces. Gone once it is refused, or a day old."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="uploadings")
    question = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    size = models.PositiveIntegerField()
    token = models.CharField(max_length=100)
    """By which the browser knows the same file again."""
    begun_at = models.DateTimeField(db_index=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(null=True, blank=True)
    """Since when it is a document. The row stays, without pieces, for a browser that did not hear of it over a bad line."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "question", "token", "begun_by"], name="uploading_is_begun_once"),
            models.CheckConstraint(condition=Q(size__gt=0), name="uploading_has_a_size"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on its way to application {self.application_id}"


class Piece(models.Model):
    """The bytes of an upload from `offset` on."""

    uploading = models.ForeignKey(Uploading, on_delete=models.CASCADE, related_name="pieces")
    offset = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uploading", "offset"], name="piece_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.length} bytes from {self.offset}"
