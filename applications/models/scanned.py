"""What the virus scanner says of a kept file."""

from typing import Any

from django.db import models
from django.db.models import Q

SHOWN = ("image/png", "image/jpeg", "application/pdf")


class Scanned(models.Model):
    """A file's way through quarantine: shut until a verdict where there is a scanner, marked as not scanned where there is none."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", "Not scanned: no scanner is set up"
        WAITING = "waiting", "Waiting for the virus scan"
        CLEAN = "clean", "Clean"
        INFECTED = "infected", "Infected"

    content_type: Any
    scan_state = models.CharField(max_length=20, choices=Scan, default=Scan.NOT_SCANNED)
    scanned_at = models.DateTimeField(null=True, blank=True)
    scan_found = models.CharField(max_length=200, blank=True)
    """The name of the signature, where one was found."""

    class Meta:
        abstract = True

    @property
    def can_be_shown(self) -> bool:
        """Whether a browser shows it in place, without running anything: pictures and PDFs, out of quarantine."""
        return self.content_type in SHOWN and not self.is_in_quarantine

    @property
    def is_in_quarantine(self) -> bool:
        """Nobody may open it: not scanned yet though there is a scanner, or infected."""
        return self.scan_state in (self.Scan.WAITING, self.Scan.INFECTED)


def verdict_has_its_time(record: str) -> models.CheckConstraint:
    """A verdict says when it was given."""
    return models.CheckConstraint(
        condition=~Q(scan_state__in=["clean", "infected"]) | Q(scanned_at__isnull=False), name=f"{record}_verdict_has_its_time"
    )
