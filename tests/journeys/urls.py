"""The house as it stands in demo mode: the journeys sign in through the demo's page."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest
from django.urls import include, path

from config import gallery
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from config.urls import urlpatterns as of_the_house

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"


@login_not_required
def axe(request: HttpRequest) -> FileResponse:
    return FileResponse(AXE.open("rb"), content_type="text/javascript", headers={"Cache-Control": "public, max-age=3600"})


urlpatterns = [
    path("axe.js", axe),
    path("", include("accounts.demo_urls")),
    path("demo/components/", gallery.components),
    path("demo/errors/<int:status>/", gallery.error),
    *of_the_house,
]
