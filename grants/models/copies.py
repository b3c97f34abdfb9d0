"""What people say of a copy: that something in it is right as the parent has it."""

from django.db import models
from django.db.models import Q

from accounts.models import Person
from grants.models.programmes import Programme


class KeptAsCopied(models.Model):
    """Somebody looked at a place of a copy that still says what its parent says, and said that it is right as it is."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="kept_as_copied")
    place = models.CharField(max_length=60)
    """As `grants.definition.inherited` names it, such as `funding.round_budget`."""
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "place"], name="kept_as_copied_is_said_once"),
            models.CheckConstraint(condition=~Q(place=""), name="kept_as_copied_names_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.programme}"
