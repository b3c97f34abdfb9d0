"""Where a company is paid, and where we pay from. Numbers rest encrypted; pages show the last four digits."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.access import reach
from accounts.encryption import EncryptedTextField
from accounts.models import Organisation, Person
from accounts.roles import Permission
from applications.barriers import closed_to
from payments.lifecycle.bank import BankAccountLifecycle
from payments.models.columns import moment, pairs, person


def _open_to(person: Person) -> Q:
    """Accounts of companies none of whose awards a conflict of interest closes to the person."""
    from payments.models.awards import Award

    return ~Q(Exists(Award.objects.filter(closed_to(person, "application"), company=OuterRef("company"))))


class BankAccountQuerySet(models.QuerySet["BankAccount"]):
    def visible_to(self, person: Person) -> "BankAccountQuerySet":
        """A company's own accounts for whoever may enter them; as staff, those of companies with an award on the person's programmes."""
        own = reach(person, Permission.BANK_ENTER).organisations
        staff = reach(person, Permission.PAYMENT_VIEW)
        mine = Q(company__organisation__in=own)
        if staff.everywhere:
            return self.filter(mine | _open_to(person))
        from payments.models.awards import Award

        paid = Award.objects.filter(programme__slug__in=staff.programmes).values("company")
        return self.filter(mine | Q(company__in=paid) & _open_to(person))

    def for_staff(self, person: Person) -> "BankAccountQuerySet":
        """Accounts of companies with an award on the person's programmes, their own companies' left out."""
        staff = reach(person, Permission.PAYMENT_VIEW)
        own = reach(person, Permission.COMPANY_VIEW).organisations
        rows = (self.exclude(company__organisation__in=own) if own else self).filter(_open_to(person))
        if staff.everywhere:
            return rows
        from payments.models.awards import Award

        return rows.filter(company__in=Award.objects.filter(programme__slug__in=staff.programmes).values("company"))

    def verified(self) -> "BankAccountQuerySet":
        return self.filter(state="verified")

    def waiting(self) -> "BankAccountQuerySet":
        """Those that somebody must call back about or verify."""
        return self.filter(state__in=("entered", "checked"))


class BankAccount(BankAccountLifecycle):
    """One UK account of one company. The numbers of a row never change: a change of details is a new row, checked from the start."""

    class Modulus(models.TextChoices):
        NO_WEIGHTS = "no_weights", "Not checked: no table of weights is loaded"
        UNCHECKED = "unchecked", "Not checked: the table has no weights for this sort code"
        VALID = "valid", "The number fits the sort code"
        INVALID = "invalid", "The number does not fit the sort code"

    class PayeeMatch(models.TextChoices):
        FULL = "full", "The name matches"
        CLOSE = "close", "The name is close"
        NONE = "none", "The name does not match"
        UNAVAILABLE = "unavailable", "The bank could not say"

    company = models.ForeignKey("applications.Company", on_delete=models.PROTECT, related_name="bank_accounts")
    name = models.CharField(max_length=140)
    sort_code = EncryptedTextField()
    account_number = EncryptedTextField()
    last4 = models.CharField(max_length=4)
    blind = models.CharField(max_length=64, db_index=True)
    modulus = models.CharField(max_length=10, choices=Modulus, default=Modulus.NO_WEIGHTS)
    payee_match = models.CharField(max_length=12, choices=PayeeMatch, blank=True)
    called_on = models.CharField(max_length=40, blank=True)
    spoke_to = models.CharField(max_length=120, blank=True)
    usable_from = models.DateTimeField(null=True, blank=True)
    entered_at, entered_by = moment(), person()
    checked_at, checked_by = moment(), person()
    verified_at, verified_by = moment(), person()
    superseded_at, superseded_by = moment(), person()

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], condition=Q(state="verified"), name="company_has_one_verified_account"),
            models.UniqueConstraint(
                fields=["company"], condition=Q(state__in=("entered", "checked")), name="company_has_one_account_waiting"
            ),
            *pairs("bank_account", "entered", "checked", "verified", "superseded"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, ending {self.last4}"

    @property
    def stream(self) -> str:
        return f"organisation:{self.company.organisation_id}"

    def scopes(self) -> set[str]:
        programmes = self.company.awards.order_by().values_list("programme__slug", flat=True).distinct()
        return {self.stream, *(f"programme:{slug}" for slug in programmes)}

    def control(self) -> str:
        """The stricter table where the company is paid by several programmes."""
        return "standard" if self.company.awards.filter(programme__control_mode="standard").exists() else "small_team"

    def check_numbers(self, *, on: date) -> None:
        """Hold the numbers against the weights in force on a day (unsaved): `modulus` says what came of it."""
        from payments.models.weights import SortCodeWeights

        if (weights := SortCodeWeights.objects.in_force(on)) is None:
            self.modulus = self.Modulus.NO_WEIGHTS
            return
        fits = weights.fit(self.sort_code, self.account_number)
        self.modulus = self.Modulus.UNCHECKED if fits is None else self.Modulus.VALID if fits else self.Modulus.INVALID

    def elsewhere(self) -> "BankAccountQuerySet":
        """The same account on other companies: a sign worth a person's look."""
        return BankAccount.objects.filter(blind=self.blind).exclude(company=self.company_id)


class PayingAccount(models.Model):
    """The account that an organisation pays grants from."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="paying_account")
    name = models.CharField(max_length=140)
    sort_code = EncryptedTextField()
    account_number = EncryptedTextField()
    last4 = models.CharField(max_length=4)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.name}, ending {self.last4}"
