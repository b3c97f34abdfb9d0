"""People, and the organisations they act for."""

from typing import Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.roles import Permission
from audit.composed import Composed
from design.palettes import PALETTES, TYPEFACES, USUAL, USUAL_TYPEFACE


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, person: "Person") -> Self:
        """Everybody, to those who manage accounts; nobody else, to anybody else. SYSTEM is no account."""
        from accounts.access import reach

        people = self.exclude(email=Person.SYSTEM_EMAIL)
        return people if reach(person, Permission.PERSON_MANAGE).everywhere else people.filter(pk=person.pk)


class PersonManager(BaseUserManager["Person"]):
    """Finds and makes people by email address."""

    def get_queryset(self) -> PersonQuerySet:
        return PersonQuerySet(self.model, using=self._db)

    def visible_to(self, person: "Person") -> PersonQuerySet:
        return self.get_queryset().visible_to(person)

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
        return SYSTEM.one()


SYSTEM = Composed(lambda: Person.objects.filter(email=Person.SYSTEM_EMAIL))


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


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by who may change how they look."""

    def visible_to(self, person: Person) -> Self:
        """Those who run programmes, to administrators; the company's and the funder's pages are others."""
        from accounts.access import reach

        run_programmes = self.filter(kind=Organisation.Kind.DELIVERY_BODY)
        return run_programmes if reach(person, Permission.PERSON_MANAGE).everywhere else run_programmes.none()


class Organisation(models.Model):
    """A company, a funder or the delivery body: what a role can be held on."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Company"
        FUNDER = "funder", "Funder"
        DELIVERY_BODY = "delivery_body", "Delivery body"

    name = models.CharField(max_length=250)
    kind = models.CharField(max_length=20, choices=Kind)
    palette = models.CharField(max_length=20, default=USUAL)
    typeface = models.CharField(max_length=20, default=USUAL_TYPEFACE)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["company", "funder", "delivery_body"]), name="organisation_kind_is_known"),
            models.CheckConstraint(
                condition=Q(palette__in=list(PALETTES), typeface__in=list(TYPEFACES)), name="organisation_look_is_a_vetted_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        return f"organisation:{self.pk}"
