"""Routes of holds and erasures."""

from django.urls import path

from applications import references  # noqa: F401 - its converter is used in the paths below
from records import views

app_name = "records"
urlpatterns = [
    path("manage/records/", views.due, name="due"),
    path("manage/records/<reference:reference>/", views.record, name="record"),
    path("manage/records/<reference:reference>/hold/", views.place_hold, name="hold"),
    path("manage/records/<reference:reference>/lift/", views.lift_hold, name="lift"),
    path("manage/records/<reference:reference>/erasure/", views.ask, name="ask"),
    path("manage/records/<reference:reference>/erasure/<slug:step>/", views.answer, name="answer"),
    path("apply/<reference:reference>/erasure/", views.company, name="company"),
]
