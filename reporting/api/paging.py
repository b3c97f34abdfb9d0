"""Cursor paging: `limit` 1–100 and a `next` URL; never an offset."""

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response


class ByNewest(CursorPagination):
    """Newest first, by primary key, so that a page costs the same wherever it stands."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 100

    def get_paginated_response(self, data: list) -> Response:
        return Response({"data": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema: dict) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["data", "next", "previous"],
            "properties": {"data": schema, "next": link, "previous": link},
        }
