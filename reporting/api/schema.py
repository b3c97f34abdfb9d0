"""How the OpenAPI document describes what DRF alone does not tell: keys, filters and problems."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "A sentence for a person."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "For machines; does not change."},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}}},
        },
    },
}
LIST_ANSWERS = {"400": "A parameter that there is not, or one with a value that it cannot have: `errors` names each."}
ANSWERS = {
    "400": "The address holds a character that none of ours has, or a parameter that there is not.",
    "401": "The key is missing, unknown, expired or revoked.",
    "403": "The key may not do that.",
    "429": "Too many requests; Retry-After says when to ask again.",
}


class KeyScheme(OpenApiAuthenticationExtension):
    """Bearer keys, as `accounts.authentication` takes them."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key that an administrator issued to the funder."}


class Described(AutoSchema):
    """Adds the view's filters and the problems that every operation can answer with."""

    def get_override_parameters(self) -> list[Any]:
        if not self._is_list_view():
            return []
        states = self.view.states()  # type: ignore[attr-defined]
        return [
            OpenApiParameter(name, str, enum=states if name == "state" else None, description=f"Only records with this {name}.")
            for name in getattr(self.view, "filters", {})
        ]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        answers = ANSWERS | (LIST_ANSWERS if self._is_list_view() else {"404": "There is nothing here that the key may see."})
        for status, sentence in answers.items():
            bodies[status] = {"description": sentence, "content": {"application/problem+json": {"schema": PROBLEM}}}
        return dict(sorted(bodies.items()))


def without_database_limits(result: dict[str, Any], **_about: Any) -> dict[str, Any]:
    """The same document whichever database answers: a number's bounds as the driver's column types have them are taken out."""
    for component in result["components"]["schemas"].values():
        for field in component.get("properties", {}).values():
            if "integer" in field.get("type", ()):
                for name in ("maximum", "minimum", "format"):
                    field.pop(name, None)
    return result
