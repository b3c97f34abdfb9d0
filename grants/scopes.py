"""What accounts asks about programmes without knowing them: their names, and who pays for them."""

from collections import defaultdict

from accounts import scopes
from grants.models import Programme


@scopes.names
def programmes() -> dict[str, str]:
    return {f"programme:{slug}": name for slug, name in Programme.objects.order_by("name", "pk").values_list("slug", "name")}


@scopes.funded
def programmes_by_funder() -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for funder, slug in Programme.objects.values_list("funder", "slug"):
        found[funder].add(f"programme:{slug}")
    return dict(found)
