"""The house as it stands in demo mode: the journeys sign in through the demo's page."""

from django.urls import include, path

from config import gallery
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from config.urls import urlpatterns as of_the_house

urlpatterns = [
    path("", include("accounts.demo_urls")),
    path("demo/components/", gallery.components),
    path("demo/errors/<int:status>/", gallery.error),
    *of_the_house,
]
