"""Routes of screening, below /manage/applications/."""

from django.urls import path, register_converter

from applications.references import ReferenceConverter
from applications.views import manage

register_converter(ReferenceConverter, "reference")
app_name = "manage_applications"
urlpatterns = [
    path("", manage.queue, name="queue"),
    path("extra-time/", manage.extend, name="extend"),
    path("<reference:reference>/", manage.detail, name="detail"),
    path("<reference:reference>/<slug:step>/", manage.step, name="step"),
]
