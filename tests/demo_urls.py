"""The routes as they are in demo mode."""

from django.urls import include, path

from config import urls
from config.urls import *  # noqa: F403

urlpatterns = [path("", include("accounts.demo_urls")), *urls.urlpatterns]
