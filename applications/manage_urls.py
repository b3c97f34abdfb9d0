"""Routes of screening, below /manage/applications/."""

from django.urls import path

from applications import references  # noqa: F401 - its converter is used in the paths below
from applications.views import changes, correspondence, equality, manage, preview, teamwork

app_name = "manage_applications"
urlpatterns = [
    path("", manage.queue, name="queue"),
    path("type-for/", teamwork.find_to_assist, name="find-to-assist"),
    path("preview/<slug:slug>/", preview.preview, name="preview"),
    path("equality/<slug:slug>/", equality.report, name="equality"),
    path("extra-time/", manage.extend, name="extend"),
    path("<reference:reference>/", manage.detail, name="detail"),
    path("<reference:reference>/appeals/<int:appeal>/<slug:step>/", manage.appeal_step, name="appeal-step"),
    path("<reference:reference>/changes/", changes.ask, name="ask-changes"),
    path("<reference:reference>/messages/", correspondence.staff, name="messages"),
    path("<reference:reference>/type-for/", teamwork.assist, name="assist"),
    path("<reference:reference>/place/", manage.place, name="place"),
    path("<reference:reference>/<slug:step>/", manage.step, name="step"),
]
