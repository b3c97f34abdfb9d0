"""An appeal against how an application was treated."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from accounts.models import Person
from applications.appeal_lifecycle import AppealLifecycle
from applications.models.applications import Application
from workflow.models import Case


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, person: Person) -> "AppealQuerySet":
        """Whoever sees the application."""
        return self.filter(application__in=Application.objects.visible_to(person))


class Appeal(AppealLifecycle):
    """What a company says went wrong: an error of fact, of procedure, or a conflict of interest. Not that it was judged too harshly."""

    class Ground(models.TextChoices):
        FACT = "fact", "A fact was wrong that we had right in our application"
        PROCEDURE = "procedure", "The published procedure was not followed"
        CONFLICT = "conflict", "Somebody who took part had a conflict of interest"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="appeals")
    ground = models.CharField(max_length=10, choices=Ground)
    statement = models.TextField()
    lodged_at = models.DateTimeField()
    lodged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("judged_at", "judged_by", of="appeal"),
            both_or_neither("remedied_at", "remedied_by", of="appeal"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state__in=["lodged", "admitted", "upheld"]), name="appeal_is_open_once_per_application"
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk} on {self.application.reference}"

    def scopes(self) -> set[str]:
        return self.application.scopes()

    def control(self) -> str:
        return self.application.control()
