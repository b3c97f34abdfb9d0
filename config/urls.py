"""Every route, one prefix a part of the house."""

from django.conf import settings
from django.urls import include, path

from config import gallery, pages
from reporting.api import docs
from reporting.views import walk

urlpatterns: list = [
    path("apply/", include("applications.urls")),  # first: in the hour before a deadline these are asked for most
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("look/<slug:slug>.css", pages.look, name="look"),
    path("messages/", include("notifications.urls")),
    path("", include("grants.urls")),
    path("", include("reporting.urls")),
    path("api/v1/", include("reporting.api.urls")),
    path("api/schema/", docs.Schema.as_view(), name="api-schema"),
    path("api/docs/", docs.guide, name="api-docs"),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("assessments.urls")),
    path("", include("payments.urls")),
    path("", include("records.urls")),
    path("manage/applications/", include("applications.manage_urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
]

if settings.DEMO:
    urlpatterns += [path("", include("accounts.demo_urls"))]
    urlpatterns += [path("demo/components/", gallery.components, name="components"), path("demo/errors/<int:status>/", gallery.error)]

if settings.REHEARSAL:
    urlpatterns += [path("rehearsal/", walk.clock_page, name="rehearsal_clock")]

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler429 = "config.pages.too_many"
handler500 = "config.pages.server_error"
