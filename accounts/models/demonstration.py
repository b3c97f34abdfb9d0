"""The mark that a database was filled for a demonstration."""

from django.db import models
from django.db.models import Q


class DemoMarker(models.Model):
    """At most one row: this database holds a demonstration, and is served in demo mode only."""

    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="demo_marker_is_the_only_one")]

    def __str__(self) -> str:
        return f"Demonstration since {self.marked_at}"
