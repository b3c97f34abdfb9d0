"""A company's facts, its team, and the public money it already had."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from accounts.roles import Role
from applications import places, taxnumbers
from applications.actions.companies import CompanyDetails
from applications.forms.fields import OneLineField, PlainNumberField
from applications.models import Application, Company, PreviousAward, RegisterEntry, RelatedEnterprise
from design.fields import MemorableDateField, PoundsField
from design.looks import Choice, Look
from grants import identifiers, precheck
from grants.forms.codes import RegularField, SicCodesField
from grants.sizes import Limits

EARLIER = ("earlier_employees", "earlier_turnover_pence", "earlier_balance_sheet_pence")


def _check_year_before_is_whole(form: forms.Form) -> None:
    """All three figures of the year before, or none."""
    missing = [name for name in EARLIER if form.cleaned_data.get(name) is None and name not in form.errors]
    if missing and len(missing) < len(EARLIER):
        for name in missing:
            form.add_error(name, "Give all three figures of the year before, or none of them")


class CompanyForm(forms.Form):
    """Everything about a company that rules and offers need."""

    looks = {
        "company_number": Look(width=10),
        "employees": Look(width=5),
        "earlier_employees": Look(width=5),
        "postcode": Look(width=10),
        "group_parent_number": Look(width=10),
        "legal_form": Look(label_size="s"),
    }

    company_number = RegularField(
        regular=identifiers.company_number,
        label="Company number",
        help_text=(
            "8 characters, like 01234567 or SC123456. Whoever applies here is on the register of Companies House. A sole trader, or "
            "another body without a number there, cannot be registered: ask the contact on the programme’s page before you apply."
        ),
    )
    name = OneLineField(label="Registered name", max_length=250)
    legal_form = forms.ChoiceField(label="Legal form", choices=Company.LegalForm.choices)
    status = forms.ChoiceField(label="Status at Companies House", choices=Company.Status.choices)
    incorporated_on = MemorableDateField(label="Date of incorporation", help_text="For example, 27 3 2019")
    address_line_1 = OneLineField(label="Address line 1", max_length=120)
    address_line_2 = OneLineField(label="Address line 2", max_length=120, required=False)
    address_town = OneLineField(label="Town or city", max_length=80)
    postcode = RegularField(regular=identifiers.postcode, label="Postcode")
    employees = PlainNumberField(label="Average number of employees")
    turnover_pence = PoundsField(label="Turnover last year")
    balance_sheet_pence = PoundsField(label="Balance sheet total")
    earlier_employees = PlainNumberField(label="Employees the year before", required=False)
    earlier_turnover_pence = PoundsField(label="Turnover the year before", required=False)
    earlier_balance_sheet_pence = PoundsField(label="Balance sheet total the year before", required=False)
    earlier_size = forms.ChoiceField(
        label="What size did it count as the year before?",
        help_text="If you are not sure, leave it: we go by those figures",
        choices=[("", "Not sure, or its first year"), *Company.Size.choices],
        required=False,
    )
    sic_codes = SicCodesField(label="SIC codes", help_text="What the company does, as on the register: up to four codes", required=False)
    group_parent_number = RegularField(
        regular=identifiers.company_number,
        label="Company number of the parent",
        help_text="Of the company at the top of the group, if there is one. Assistance is counted for the whole group.",
        required=False,
    )
    enterprise_group = OneLineField(
        label="Group", help_text="Its name, if the company is under common control with others", max_length=120, required=False
    )

    utr = RegularField(
        regular=taxnumbers.utr,
        label="Unique Taxpayer Reference",
        help_text="10 digits, on letters from HM Revenue and Customs about corporation tax",
        required=False,
    )
    vat_number = RegularField(regular=taxnumbers.vat_number, label="VAT number", help_text="If the company is registered", required=False)

    def clean_employees(self) -> int:
        employees = self.cleaned_data["employees"]
        if employees is not None and not 0 <= employees <= 10_000_000:
            raise forms.ValidationError("Enter a number of employees of 0 or more")
        return employees

    def clean(self) -> dict[str, Any]:
        """All three figures of the year before, or none."""
        cleaned = super().clean() or self.cleaned_data
        _check_year_before_is_whole(self)
        if (cleaned.get("earlier_employees") or 0) not in range(10_000_001):
            self.add_error("earlier_employees", "Enter a number of employees of 0 or more")
        return cleaned

    def details(self) -> CompanyDetails:
        given = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        parent = given["group_parent_number"] or ""
        in_group = {"group_parent_number": parent, "is_group_member": bool(given["enterprise_group"] or parent)}
        return CompanyDetails(**given | in_group | {"utr": given["utr"] or "", "vat_number": given["vat_number"] or ""})

    @staticmethod
    def of(company: Company) -> dict[str, Any]:
        """The initial values for a company that is there already."""
        names = [name for name in CompanyForm.base_fields if name != "name"]
        return {name: getattr(company, name) for name in names} | {"name": company.name, "revision": company.revision}


CHECKED = {
    "legal_form": "legal_form",
    "status": "status",
    "company_number": "company_number",
    "sic_codes": "sic_codes",
    "postcode": "postcode",
    "incorporated_on": "incorporated_on",
}
"""What the eligibility check asks about a company, by the field of its form. Not its figures: the check asks for the group's, the form
for the company's own, and those of a group would be counted twice once its other enterprises are named."""


def checked_before(session: Mapping[str, Any]) -> dict[str, Any]:
    """What this browser's session holds of the company from an eligibility check."""
    checks = [kept for key, kept in session.items() if key.startswith(precheck.session_key(""))]
    found = {CHECKED[name]: value for kept in checks for name, value in kept.items() if name in CHECKED}
    if "incorporated_on" in found:
        found["incorporated_on"] = date.fromisoformat(found["incorporated_on"])
    return found


def as_registered(entry: RegisterEntry) -> dict[str, Any]:
    """What the register says of a company, for its form."""
    names = ("company_number", "name", "legal_form", "status", "incorporated_on", "sic_codes")
    address = ("address_line_1", "address_line_2", "address_town", "postcode")
    return {name: getattr(entry, name) for name in (*names, *address) if getattr(entry, name)}


class LookUpForm(forms.Form):
    """A company number to ask the register about."""

    company_number = RegularField(regular=identifiers.company_number, label="Company number")


class RelatedEnterpriseForm(forms.Form):
    """An enterprise whose figures count with the company's."""

    looks = {
        "company_number": Look(width=10), "share_percent": Look(width=3), "employees": Look(width=5), "earlier_employees": Look(width=5),
    }  # fmt: skip

    name = OneLineField(label="Its name", max_length=250)
    company_number = RegularField(regular=identifiers.company_number, label="Its company number", help_text="If it has one", required=False)
    relation = forms.ChoiceField(label="How it belongs with you", choices=RelatedEnterprise.Relation.choices, widget=forms.RadioSelect)
    share_percent = PlainNumberField(label="Share that is owned, in percent", help_text="The larger one, whichever way it is owned")
    employees = PlainNumberField(label="Its average number of employees")
    turnover_pence = PoundsField(label="Its turnover last year")
    balance_sheet_pence = PoundsField(label="Its balance sheet total last year")
    earlier_employees = PlainNumberField(
        label="Its average number of employees the year before",
        help_text="Leave this and the next two empty if they were about the same; enter 0 if it did not belong with you then",
        required=False,
    )
    earlier_turnover_pence = PoundsField(label="Its turnover the year before", required=False)
    earlier_balance_sheet_pence = PoundsField(label="Its balance sheet total the year before", required=False)

    def clean(self) -> dict[str, Any]:
        """All three figures of the year before, or none."""
        cleaned = self.cleaned_data
        _check_year_before_is_whole(self)
        for name in ("employees", "earlier_employees"):
            if (employees := cleaned.get(name)) is not None and not 0 <= employees <= 10_000_000:
                self.add_error(name, "Enter a number of employees of 0 or more")
        return cleaned

    def given(self) -> dict[str, Any]:
        """What was typed, for the action."""
        typed = dict(self.cleaned_data)
        employees, turnover_pence, balance_sheet_pence = (typed.pop(name) for name in EARLIER)
        earlier = None if employees is None else Limits(turnover_pence, balance_sheet_pence, employees)
        return typed | {"company_number": typed["company_number"] or "", "earlier": earlier}


class PlaceForm(forms.Form):
    """The region that an officer found a company to work in."""

    region = forms.ChoiceField(label="Region", choices=[("", "Choose a region"), *((name, name) for name in places.NAMES)])
    reason = forms.CharField(
        label="What did you look at?", help_text="It is kept in the record", max_length=300, widget=forms.Textarea({"rows": 3})
    )


def filled_in(posted: Mapping[str, Any], entry: RegisterEntry | None, before: RegisterEntry | None) -> dict[str, Any]:
    """The form of a new company as it was typed so far, with what the register says of its number.

    What somebody typed stays. Empty fields are filled, and those that still hold what the register said of the number looked up `before`.
    """
    typed = {bound.name: bound.data for bound in CompanyForm(posted)}
    known, knew = (as_registered(one) if one else {} for one in (entry, before))
    for name in dict.fromkeys([*known, *knew]):
        if name in ALWAYS_BY_REGISTER or _is_empty(typed[name]) or _holds(name, typed[name], knew.get(name)):
            typed[name] = known.get(name, typed[name] if name in ALWAYS_BY_REGISTER else "")
    return typed


ALWAYS_BY_REGISTER = ("legal_form", "status", "company_number")
"""What begins with something chosen or was looked up itself, so that no typing is lost."""


def _is_empty(typed: Any) -> bool:
    return not any(typed) if isinstance(typed, list) else not typed


def _holds(name: str, typed: Any, value: Any) -> bool:
    try:
        return bool(value) and CompanyForm.base_fields[name].clean(typed) == value
    except forms.ValidationError:
        return False


class ChangeCompanyForm(CompanyForm):
    """The same, remembering which version was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PreviousAwardForm(forms.Form):
    """One sum of assistance that counts towards the limit."""

    body = OneLineField(label="Who gave it", max_length=160)
    nature = forms.ChoiceField(label="Kind of assistance", choices=PreviousAward.Nature.choices, widget=forms.RadioSelect)
    amount_pence = PoundsField(label="Amount", min_pence=1)
    given_on = MemorableDateField(label="Date it was given", help_text="For example, 27 3 2025")


class TeamForm(forms.Form):
    """Somebody to bring into the team."""

    email = forms.EmailField(label="Email address", max_length=254)
    role = forms.ChoiceField(
        label="What they will do",
        widget=forms.RadioSelect,
        choices=[
            (Role.MEMBER, Choice("Team member", hint="Writes applications and claims")),
            (Role.FINANCE_CONTACT, Choice("Finance contact", hint="Enters bank details, sends claims and reports")),
            (Role.SIGNATORY, Choice("Authorised signatory", hint="Signs and sends in applications, accepts offers")),
            (Role.OWNER, Choice("Owner", hint="All of these but signing and accepting, and decides who is in the team")),
        ],
    )


class StartForm(forms.Form):
    """For which company."""

    company = forms.ModelChoiceField(
        queryset=Company.objects.none(), label="Which company is applying?", widget=forms.RadioSelect, empty_label=None
    )

    earlier = forms.ModelChoiceField(
        queryset=Application.objects.none(),
        label="Begin with the answers of an earlier application?",
        help_text="Copied where this form asks the same; files are added anew. One that was sent in here before makes this another try.",
        required=False,
        empty_label="No, begin with an empty form",
    )

    def __init__(self, *args: Any, companies: Any, earlier: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["earlier"].queryset = earlier
        self.fields["earlier"].label_from_instance = lambda one: f"{one.reference}: {one.title or 'no title'} ({one.public_state.lower()})"
        if not earlier.exists():
            del self.fields["earlier"]
        self.fields["company"].queryset = companies
        self.fields["company"].label_from_instance = lambda company: f"{company.name}, {company.company_number}"


class SignForm(forms.Form):
    """The declaration, signed by typing a name."""

    agreed = forms.BooleanField(
        label="I agree to these statements on behalf of the company",
        error_messages={"required": "Tick the box to agree to the statements"},
    )
    name = OneLineField(label="Your full name", max_length=200)
    position = OneLineField(label="Your position in the company", max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)


class KeyForm(forms.Form):
    """Nothing but the idempotency key of one rendering of a page."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False)
    note = forms.CharField(required=False, max_length=2000)
