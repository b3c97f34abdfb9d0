"""A person's own data, to read and take away."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from reporting import personal


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """Everything we hold about whoever asks, as JSON; nobody else's can be asked for."""
    response = JsonResponse(personal.export(request.user, at=now()), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response["Cache-Control"] = "private, no-store"
    return response
