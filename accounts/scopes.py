"""Where a role can be held: the site, a programme, an organisation. Packages above tell the names of what they own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.models import Organisation, Person
from accounts.refusals import Refused
from accounts.roles import COMPANY_ROLES, Permission, Role

SITE = "site"
SITE_LABEL = "The whole site"
AT_PROGRAMMES = frozenset(set(Role) - COMPANY_ROLES - {Role.ADMIN, Role.SYSTEM})
AT_SITE = (AT_PROGRAMMES - {Role.FUNDER}) | {Role.ADMIN}
AT_ORGANISATIONS: dict[str, frozenset[Role]] = {
    Organisation.Kind.COMPANY: COMPANY_ROLES,
    Organisation.Kind.FUNDER: frozenset({Role.FUNDER}),
    Organisation.Kind.DELIVERY_BODY: frozenset(),
}

Namer = Callable[[], dict[str, str]]
Funded = Callable[[], dict[int, set[str]]]
_namers: list[Namer] = []
_funded: list[Funded] = []


@dataclass(frozen=True)
class Place:
    """A scope on its own, to ask `can` about where no record is at hand."""

    scope: str

    def scopes(self) -> set[str]:
        return {self.scope}


@dataclass(frozen=True)
class Places:
    """Several scopes, any of which will do."""

    any_of: frozenset[str]

    def scopes(self) -> set[str]:
        return set(self.any_of)


def names(namer: Namer) -> Namer:
    """Register what gives `{scope: name}` for the scopes a package owns (the programmes, say)."""
    _namers.append(namer)
    return namer


def funded(mapping: Funded) -> Funded:
    """Register what gives `{funder's organisation id: {scopes of its programmes}}`."""
    _funded.append(mapping)
    return mapping


def labels() -> dict[str, str]:
    """The scopes one chooses from, by name: the site, the programmes, the funders. Companies keep their own team pages."""
    funders = Organisation.objects.filter(kind=Organisation.Kind.FUNDER).order_by("name", "pk")
    programmes = {scope: name for namer in _namers for scope, name in namer().items()}
    return {SITE: SITE_LABEL} | programmes | {funder.scope: funder.name for funder in funders}


def labels_for(scopes: Iterable[str]) -> dict[str, str]:
    """The names of these scopes; a scope that nobody owns stands for itself."""
    wanted = set(scopes)
    ids = [int(key) for kind, _, key in (scope.partition(":") for scope in wanted) if kind == "organisation" and key.isdigit()]
    known = labels() | {organisation.scope: organisation.name for organisation in Organisation.objects.filter(pk__in=ids)}
    return {scope: known.get(scope, scope) for scope in wanted}


def label(scope: str) -> str:
    """The name of one scope."""
    return labels_for([scope])[scope]


def programmes_of(organisation: Organisation) -> set[str]:
    """The scopes of the programmes that a funder pays for."""
    return {scope for mapping in _funded for scope in mapping().get(organisation.pk, set())}


def funders_reached(programmes: frozenset[str]) -> set[int]:
    """The funders of these programmes (slugs)."""
    if not programmes:
        return set()
    wanted = {f"programme:{slug}" for slug in programmes}
    return {funder for mapping in _funded for funder, scopes in mapping().items() if scopes & wanted}


def meet(one: str, other: str) -> bool:
    """Whether a role on the one reaches what a role on the other reaches: the same place, the whole site, a funder and its programmes."""
    return bool({SITE} & {one, other}) or bool(_reached(one) & _reached(other))


def _reached(scope: str) -> set[str]:
    """The scope itself, and the programmes of a funder."""
    kind, _, key = scope.partition(":")
    return {scope}.union(*(mapping().get(int(key), set()) for mapping in _funded)) if kind == "organisation" else {scope}


def where(person: Person, permission: Permission) -> dict[str, str]:
    """The scopes, by name, on which a person holds a permission: all of them from `site`."""
    from accounts.access import held_by

    scopes = held_by(person).scopes_with(permission)
    return labels() if SITE in scopes else labels_for(scopes)


def where_team(person: Person) -> dict[str, str]:
    """The companies, by name, into whose team a person may invite."""
    from accounts.access import held_by

    return labels_for(scope for scope in held_by(person).scopes_with(Permission.TEAM_MANAGE) if scope.startswith("organisation:"))


def check(role: str, scope: str) -> None:
    """Raise Refused unless that role can be held there."""
    if role not in Role.values or role == Role.SYSTEM:
        raise Refused("Choose a role.", code="role_unknown", field="role")
    kind, _, key = scope.partition(":")
    if kind == "organisation":
        organisation = Organisation.objects.filter(pk=key).first() if key.isdigit() else None
        fits = organisation is not None and Role(role) in AT_ORGANISATIONS[organisation.kind]
    elif scope not in labels():
        raise Refused("Choose where the role is held.", code="scope_unknown", field="scope")
    else:
        fits = Role(role) in (AT_SITE if kind == SITE else AT_PROGRAMMES)
    if not fits:
        raise Refused(f"{Role(role).label} cannot be held on {label(scope)}.", code="role_does_not_fit", field="scope")
