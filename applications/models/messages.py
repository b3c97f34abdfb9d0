"""What a company and the programme's staff write to each other about one application."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from applications.models.applications import Application


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages, and which of them nobody has answered."""

    def unanswered(self) -> "MessageQuerySet":
        """The last message of each thread, where that is the company's."""
        last = Message.objects.filter(application=OuterRef("application")).order_by("-pk").values("pk")[:1]
        return self.filter(pk=Subquery(last), side=Message.Side.COMPANY)


class Message(models.Model):
    """One question or answer. Never changed: what was said stands."""

    class Side(models.TextChoices):
        COMPANY = "company", "The company"
        STAFF = "staff", "The programme's staff"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=10, choices=Side)
    body = models.TextField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="message_says_something")]
        indexes = [models.Index(fields=["application", "-id"], name="message_newest_of_thread")]

    def __str__(self) -> str:
        return f"message {self.pk} about application {self.application_id}"
