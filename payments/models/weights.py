"""The published weights that account numbers are checked with: the operator's own copies, release by release."""

from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import models

from audit.triggers import protect
from payments import modulus


class SortCodeWeightsQuerySet(models.QuerySet["SortCodeWeights"]):
    def in_force(self, day: date) -> "SortCodeWeights | None":
        """The newest release that applies on a day; of one loaded twice, the later copy."""
        return self.filter(effective_on__lte=day).defer("weights", "substitutes").order_by("-effective_on", "-pk").first()


@protect
class SortCodeWeights(models.Model):
    """One release of Vocalink's tables (VALACDOS and SCSUBTAB) as it was published, loaded by the operator; never changed."""

    release = models.CharField(max_length=20)
    effective_on = models.DateField()
    weights = models.TextField()
    substitutes = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SortCodeWeightsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "sort code weights"
        constraints = [models.UniqueConstraint(fields=["sha256"], name="sort_code_weights_are_loaded_once")]

    def __str__(self) -> str:
        return f"Release {self.release}"

    def fit(self, sort_code: str, account_number: str) -> bool | None:
        """Whether six and eight digits go together by this release; None where it says nothing of the sort code."""
        return modulus.fits(_read(self.sha256), sort_code, account_number)


@lru_cache(maxsize=2)
def _read(sha256: str) -> modulus.Weights:
    row = SortCodeWeights.objects.get(sha256=sha256)
    return modulus.read(row.weights, row.substitutes)
