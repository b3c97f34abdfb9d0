"""People, the organisations they act for, and the roles they hold there."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.roles import Role


class PersonManager(BaseUserManager["Person"]):
    """Finds and makes people by email address."""

    def create_user(self, *, email: str, name: str, password: str | None = None) -> "Person":
        """Make a person who can sign in; without a password they can only come by an emailed code."""
        person = self.model(email=self.normalize_email(email).strip(), name=name.strip())
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)

    def system(self) -> "Person":
        """The seeded person who takes the steps that no human takes; cannot sign in."""
        return self.get(email=Person.SYSTEM_EMAIL)


class Person(AbstractBaseUser):
    """One human being (or SYSTEM), whatever hats they wear. Separation of duties compares these rows."""

    SYSTEM_EMAIL = "system@pumphouse.invalid"

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_is_unique_whatever_its_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_system(self) -> bool:
        return self.email == self.SYSTEM_EMAIL


class Organisation(models.Model):
    """A company, a funder or the delivery body: what a role can be held on."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Company"
        FUNDER = "funder", "Funder"
        DELIVERY_BODY = "delivery_body", "Delivery body"

    name = models.CharField(max_length=250)
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["company", "funder", "delivery_body"]), name="organisation_kind_is_known")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        return f"organisation:{self.pk}"


class RoleAssignment(models.Model):
    """Who holds which role where, from when until when. `scope` is `site`, `programme:<slug>` or `organisation:<id>`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=30, choices=Role.choices)
    scope = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "scope"], condition=Q(ends_at=None), name="role_is_held_once_at_a_time"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")), name="role_ends_after_it_starts"),
        ]
        indexes = [models.Index(fields=["scope", "role"])]

    def __str__(self) -> str:
        return f"{self.person} is {self.get_role_display()} on {self.scope}"
