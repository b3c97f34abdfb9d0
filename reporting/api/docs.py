"""The API's own pages: its schema, and how to begin, in words."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny


@method_decorator(login_not_required, name="dispatch")
class Schema(SpectacularAPIView):
    """The OpenAPI document. Open to all: it holds no data."""

    authentication_classes: list = []
    permission_classes = [AllowAny]
    throttle_classes: list = []


@login_not_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """What the API offers, drawn from the same schema."""
    return render(request, "reporting/api_guide.html", {"resources": _resources(), "base_url": settings.BASE_URL})


def _resources() -> list[dict[str, Any]]:
    """Method, path, what it answers and its parameters, for every operation."""
    schema = SchemaGenerator().get_schema(public=True)
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("description", ""),
            "parameters": ", ".join(parameter["name"] for parameter in operation.get("parameters", [])),
        }
        for path, operations in sorted(schema["paths"].items())
        for method, operation in operations.items()
    ]
