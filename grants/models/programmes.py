"""Programmes and the versions of the document that defines each."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Organisation, Person
from accounts.roles import Permission
from audit.triggers import protect
from grants.definition import loading
from grants.lifecycle import ProgrammeLifecycle, VersionLifecycle

if TYPE_CHECKING:
    from grants.definition import Definition


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def visible_to(self, person: Person) -> "ProgrammeQuerySet":
        """Programmes that the person works on."""
        seen = reach(person, Permission.PROGRAMME_VIEW)
        if seen.everywhere:
            return self
        return self.filter(Q(slug__in=seen.programmes) | Q(funder_id__in=seen.organisations))

    def public(self) -> "ProgrammeQuerySet":
        """Programmes that anybody may read about."""
        return self.filter(state__in=[Programme.State.PUBLISHED, Programme.State.MONITORING])


class Programme(ProgrammeLifecycle):
    """A line of grant money with one purpose, one funder and one delivery body; what it asks and pays is in its versions."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    strand = models.CharField(max_length=40)
    funder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes_funded")
    delivery_body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="programmes_delivered")
    control_mode = models.CharField(max_length=20, choices=[("small_team", "Small team"), ("standard", "Standard")], default="small_team")
    cloned_from = models.ForeignKey("ProgrammeVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="clones")
    """The version of another programme that this one began as."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(control_mode__in=["small_team", "standard"]), name="programme_control_is_known"),
            models.CheckConstraint(condition=~Q(slug=""), name="programme_has_a_slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("grants:programme", args=[self.slug])

    @property
    def scope(self) -> str:
        return f"programme:{self.slug}"

    @property
    def stream(self) -> str:
        return f"programme:{self.slug}"

    def scopes(self) -> set[str]:
        return {self.scope, f"organisation:{self.funder_id}"}

    def control(self) -> str:
        return self.control_mode

    def agreeing(self) -> list[list[str]]:
        """For each size of grant that needs an agreement, who gives it: as the version published last says, else the last one."""
        version = self.published_version or self.latest_version
        return version.definition.decision.agreeing() if version else []

    @property
    def published_version(self) -> "ProgrammeVersion | None":
        """The version published last: what the public page shows and new rounds take."""
        return self.versions.filter(state=ProgrammeVersion.State.PUBLISHED).order_by("-number").first()

    @property
    def latest_version(self) -> "ProgrammeVersion | None":
        """The version with the highest number, published or not."""
        return self.versions.order_by("-number").first()


@protect
class DocumentText(models.Model):
    """The text of a document, kept once under its hash. The database refuses to change or delete it."""

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.sha256[:12]


class ProgrammeVersion(VersionLifecycle):
    """One numbered version of a programme: `document` is its YAML as it was given, `sha256` the hash of exactly that text."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.ForeignKey(DocumentText, on_delete=models.PROTECT, related_name="versions")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="programme_version_number_is_used_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="programme_version_number_starts_at_one"),
            both_or_neither("prepared_at", "prepared_by", of="programme_version"),
            both_or_neither("published_at", "published_by", of="programme_version"),
            both_or_neither("edited_at", "edited_by", of="programme_version"),
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True) | Q(published_at__isnull=True) | Q(published_at__gte=F("edited_at")),
                name="programme_version_published_is_not_edited",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="programme_version_published_has_date"
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("prepared_by")), name="programme_version_published_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} version {self.number}"

    @property
    def stream(self) -> str:
        return self.programme.stream

    def scopes(self) -> set[str]:
        return self.programme.scopes()

    def control(self) -> str:
        return self.programme.control()

    def separation_threads(self) -> Q:
        """Each version is judged on its own: who published the last one may prepare the next."""
        return Q(record_type=self.record_type(), record_id=self.pk)

    @property
    def document(self) -> str:
        """The YAML, exactly as it was given."""
        return self.text.text

    @property
    def definition(self) -> "Definition":
        """The parsed document, kept in memory by its hash; the text is fetched only the first time."""
        return loading.kept(self.sha256, lambda: self.document)

    def read(self) -> "Definition":
        """Parse the stored text afresh. Raises DocumentRefused when it is not the one that was stored, or not valid."""
        return loading.parse_stored(self.document, self.sha256)


class SectionTask(models.Model):
    """Who writes a section of a draft, and whether they say that it is ready."""

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="section_tasks")
    section = models.CharField(max_length=20)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ready_at = models.DateTimeField(null=True, blank=True)
    ready_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "section"], name="section_task_is_given_once"),
            both_or_neither("ready_at", "ready_by", of="section_task"),
        ]

    def __str__(self) -> str:
        return f"{self.section} of {self.version}"


class ExampleCompany(models.Model):
    """A made-up company that a programme's rules are tried on: what the eligibility check would be given, by its names."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="examples")
    name = models.CharField(max_length=80)
    given = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "name"], name="example_company_name_is_used_once")]

    def __str__(self) -> str:
        return self.name
