"""How often a key may ask."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView


class PerKey(SimpleRateThrottle):
    """A budget of requests for each key; whoever has no key is turned away before it matters."""

    scope = "key"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        return None if request.auth is None else self.cache_format % {"scope": self.scope, "ident": request.auth.pk}
