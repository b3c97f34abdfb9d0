"""Addresses that asked to be told when a programme opens: as little as that needs, encrypted, and gone when they say so."""

from django.db import models
from django.db.models import Q

from accounts.encryption import EncryptedTextField, blind_index
from grants.models.programmes import Programme


def blind(address: str) -> str:
    """What an address is found by, whatever the case of its letters."""
    return blind_index(address.strip().lower(), purpose="opening alert")


class OpeningAlert(models.Model):
    """One address for one programme. Until whoever reads it confirms, nothing but the question goes there."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="alerts")
    address = EncryptedTextField()
    blind = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "blind"], name="opening_alert_is_once_per_address"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_at__gte=models.F("asked_at")), name="opening_alert_is_asked_before_confirmed"
            ),
        ]

    def __str__(self) -> str:
        return f"Alert {self.pk} of {self.programme}"
