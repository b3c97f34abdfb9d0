"""The trail: events in streams, what they promise of personal values, their sealed order, and the checkpoints over it."""

import json
from functools import cached_property
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from audit.appendonly import AppendOnly, AppendOnlyQuerySet, _refuse
from audit.triggers import protect


@protect
class Event(AppendOnly):
    """One thing that happened. `body` holds the very bytes whose SHA-256 is `hash`; the other columns repeat them for searching.

    People are ids, without foreign keys, so that the trail outlives whatever it speaks of.
    """

    stream = models.CharField(max_length=80)
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    actor = models.BigIntegerField(null=True)
    on_behalf_of = models.BigIntegerField(null=True)
    role = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "sequence"], name="event_has_its_own_place_in_its_stream"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="event_sequence_starts_at_one"),
        ]
        indexes = [models.Index(fields=["at"]), models.Index(fields=["kind", "at"]), models.Index(fields=["subject"])]

    def __str__(self) -> str:
        return f"{self.name} {self.kind}"

    @property
    def name(self) -> str:
        """What commitments and reports call the event, such as `case:DIAGCOMM-7K2M#3`."""
        return f"{self.stream}#{self.sequence}"

    @cached_property
    def content(self) -> dict[str, Any]:
        return json.loads(bytes(self.body))

    @property
    def place(self) -> int | None:
        """Its position in the order of all events, once it is sealed. For many events, `select_related("position")` first."""
        position = getattr(self, "position", None)
        return position.number if position else None

    @property
    def before(self) -> dict[str, Any]:
        return self.content["change"]["before"]

    @property
    def after(self) -> dict[str, Any]:
        return self.content["change"]["after"]

    @property
    def commitments(self) -> dict[str, str]:
        """Path to commitment of each personal value, kept whether or not the value still is."""
        return self.content["change"]["personal"]


class StreamHead(models.Model):
    """Where a stream stands: the row that is locked to append to it. `last_at` serves lists and is no evidence."""

    stream = models.CharField(max_length=80, primary_key=True)
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(models.F("last_at").desc(), "stream", name="stream_by_last_event")]

    def __str__(self) -> str:
        return f"{self.stream}#{self.sequence}"


class ErasableQuerySet(AppendOnlyQuerySet):
    """Values may be erased, with their salts, never changed."""

    def erase(self) -> int:
        return models.QuerySet.delete(self)[0]


@protect(deletable=True)
class PersonalValue(models.Model):
    """A personal value that an event only commits to, and the salt that opens the commitment. Erased together, by deleting the row."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="personal_values")
    path = models.CharField(max_length=80)
    value = models.TextField(help_text="Canonical JSON")
    salt = models.BinaryField(max_length=32)

    objects = ErasableQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "path"], name="personal_value_is_kept_once")]

    def __str__(self) -> str:
        return f"{self.path} of event {self.event_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse(type(self), "changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Erase personal values with audit.personal.erase(), which leaves an event.")


class Unsealed(models.Model):
    """An event that waits for its position. Written with the event, taken away by the sealer."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"event {self.event_id} waits"


@protect
class Position(AppendOnly):
    """The place of a committed event in the order of all events, from 1, without gaps. Leaf `number - 1` of the tree."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="position")
    event_hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="position_starts_at_one")]

    def __str__(self) -> str:
        return f"{self.number}: event {self.event_id}"


@protect
class Tile(AppendOnly):
    """The root over 256 neighbouring full subtrees: of leaves at level 1, of level-1 tiles at level 2, and so on."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="tile_is_written_once")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


@protect
class SigningKey(AppendOnly):
    """The public half of a key that signed checkpoints here. Trust comes from the fingerprint an outsider holds, not from this row."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    public_key = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.fingerprint


@protect
class Checkpoint(AppendOnly):
    """A signed statement of the tree's size and root at one moment; `body` holds the very bytes that were signed."""

    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, help_text="SHA-256 of the body of the checkpoint before")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT)
    at = models.DateTimeField()
    body = models.BinaryField()
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["previous"], name="checkpoint_follows_another_alone")]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"
