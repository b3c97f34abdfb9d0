"""Cursor paging: `limit` 1–100 and a `next` URL; never an offset."""

import re
from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response


class ByNewest(CursorPagination):
    """Newest first, by primary key, so that a page costs the same wherever it stands."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        """As many rows as were asked for; nonsense is refused, so that nobody takes fifty rows for all there are."""
        asked = request.query_params.get("limit", str(self.page_size))
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= self.max_page_size):
            raise ValidationError({"limit": f"Give a whole number from 1 to {self.max_page_size}."})
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the page begins. What we did not write ourselves is refused: a key's place is a number."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            cursor = Cursor(0, False, -1)
        if cursor is None or cursor.position is None or re.fullmatch(r"[0-9]{1,19}", str(cursor.position)):
            return cursor
        raise ValidationError({"cursor": "This is no cursor of ours: follow `next`, or begin without one."})

    def get_paginated_response(self, data: list) -> Response:
        return Response({"data": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        said = super().get_schema_operation_parameters(view)
        for parameter in said:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return said

    def get_paginated_response_schema(self, schema: dict) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["data", "next", "previous"],
            "properties": {"data": schema, "next": link, "previous": link},
        }
