"""Panel meetings and interviews: who sits, what is on the agenda, who stepped out and why, what was recorded, what the chair signed."""

import hashlib
from datetime import datetime
from typing import Any

import rfc8785
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from applications.models import Application
from assessments import policies
from assessments.lifecycle import MeetingLifecycle
from assessments.models.pool import Conflict, ConflictQuerySet
from grants.models import Round


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, person: Person) -> "MeetingQuerySet":
        """Meetings of rounds whose assessment the person has a part in."""
        seen = [reach(person, permission) for permission in policies.READS]
        if any(one.everywhere for one in seen):
            return self
        return self.filter(round__programme__slug__in=frozenset().union(*(one.programmes for one in seen)))


class Meeting(MeetingLifecycle):
    """One sitting of a round's panel, or one day of its interviews."""

    class Kind(models.TextChoices):
        PANEL = "panel", "Panel meeting"
        INTERVIEW = "interview", "Interviews"

    audited = ("state", "minutes_sha256")

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=10, choices=Kind)
    held_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    minutes = models.TextField(blank=True)
    minutes_document = models.TextField(blank=True)
    minutes_sha256 = models.CharField(max_length=64, blank=True)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("opened_at", "opened_by", of="meeting"),
            both_or_neither("signed_at", "signed_by", of="meeting"),
            both_or_neither("cancelled_at", "cancelled_by", of="meeting"),
            models.CheckConstraint(
                condition=~Q(state="signed") | (Q(signed_at__isnull=False) & ~Q(minutes_sha256="")), name="meeting_signed_has_its_minutes"
            ),
        ]
        indexes = [models.Index(fields=["round", "held_at", "id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.round}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:meeting", args=[self.round.reference, self.pk])

    def unjudged(self, application: Application) -> "ConflictQuerySet":
        """What the records suggest between those who sit and one application, and nobody has judged."""
        here = self.members.filter(is_present=True).values("person")
        return Conflict.objects.filter(application=application, status=Conflict.Status.SUGGESTED, person__in=here)

    @property
    def stream(self) -> str:
        return self.round.stream

    def scopes(self) -> set[str]:
        return self.round.scopes()

    def control(self) -> str:
        return self.round.control()

    def separation_threads(self) -> Q:
        """Each meeting is judged on its own."""
        return Q(record_type=self.record_type(), record_id=self.pk)

    def freeze_minutes(self, *, by: Person, at: datetime) -> None:
        """Keep the minutes as they are signed: canonical JSON (RFC 8785) and its SHA-256."""
        self.minutes_document = rfc8785.dumps(self._as_signed(by, at)).decode()
        self.minutes_sha256 = hashlib.sha256(self.minutes_document.encode()).hexdigest()

    def _as_signed(self, by: Person, at: datetime) -> dict[str, Any]:
        items = self.items.select_related("application", "recorded_by").prefetch_related("absences__person").order_by("place", "pk")
        return {
            "round": self.round.reference,
            "kind": self.kind,
            "held_at": self.held_at.isoformat(),
            "members": [[one.person.name, one.is_present] for one in self.members.select_related("person").order_by("pk")],
            "minutes": self.minutes,
            "items": [item.as_signed() for item in items],
            "signed_by": by.name,
            "signed_at": at.isoformat(),
        }


class MeetingMember(models.Model):
    """Somebody who sits on the panel in this meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_present = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="meeting_names_a_member_once")]

    def __str__(self) -> str:
        return f"person {self.person_id} in meeting {self.meeting_id}"


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def interview(self) -> "AgendaItem | None":
        """Of one application's: the time that the company was given last, unless that meeting was cancelled."""
        timed = self.filter(starts_at__isnull=False).exclude(meeting__state=Meeting.State.CANCELLED)
        return timed.select_related("meeting").order_by("-pk").first()


class AgendaItem(models.Model):
    """One application in one meeting: its place, what was recorded, and for interviews the time and the company's response."""

    class Outcome(models.TextChoices):
        FUND = "fund", "Fund"
        RESERVE = "reserve", "Put on the reserve list"
        DECLINE = "decline", "Do not fund"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="agenda_items")
    place = models.PositiveSmallIntegerField()
    rank_by_mean = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    amount_pence = models.BigIntegerField(default=0)
    leaves_order = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(null=True, blank=True)
    response = models.TextField(blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    responded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "application"], name="agenda_lists_an_application_once"),
            both_or_neither("recorded_at", "recorded_by", of="agenda_item"),
            both_or_neither("responded_at", "responded_by", of="agenda_item"),
            models.CheckConstraint(condition=Q(recorded_by=None) | ~Q(outcome=""), name="agenda_item_recorded_has_an_outcome"),
            models.CheckConstraint(condition=Q(leaves_order=False) | ~Q(reason=""), name="agenda_item_leaves_the_order_for_a_reason"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "decline"], amount_pence=0) | Q(outcome__in=["fund", "reserve"], amount_pence__gt=0),
                name="agenda_item_has_an_amount_where_it_is_fundable",
            ),
        ]
        indexes = [models.Index(fields=["application", "recorded_at"])]

    def __str__(self) -> str:
        return f"application {self.application_id} in meeting {self.meeting_id}"

    def awaits_response(self, at: datetime) -> bool:
        """Whether the company may still answer what the assessors said: until its interview begins."""
        return self.meeting.state == Meeting.State.PLANNED and (self.starts_at is None or at < self.starts_at)

    def as_signed(self) -> dict[str, Any]:
        return {
            "application": self.application.reference,
            "place": self.place,
            "rank_by_mean": self.rank_by_mean,
            "outcome": self.outcome,
            "amount_pence": self.amount_pence,
            "leaves_order": self.leaves_order,
            "reason": self.reason,
            "notes": self.notes,
            "absent": sorted([one.person.name, one.reason] for one in self.absences.all()),
            "response": self.response,
            "response_files": [[one.name, one.sha256] for one in self.application.documents.of_the_response()],
        }


class Absence(models.Model):
    """A member who was not in the room for one item, and why. A confirmed conflict of interest is recorded by the machine."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="absences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="absence_is_recorded_once")]

    def __str__(self) -> str:
        return f"person {self.person_id} out for item {self.item_id}"
