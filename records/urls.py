"""Routes of holds and erasures."""

from django.urls import path

from applications import references  # noqa: F401 - its converter is used in the paths below
from records.views import applications as views
from records.views import own

app_name = "records"
urlpatterns = [
    path("manage/records/", views.due, name="due"),
    path("manage/records/<reference:reference>/", views.record, name="record"),
    path("manage/records/<reference:reference>/hold/", views.place_hold, name="hold"),
    path("manage/records/<reference:reference>/lift/", views.lift_hold, name="lift"),
    path("manage/records/<reference:reference>/erasure/", views.ask, name="ask"),
    path("manage/records/<reference:reference>/erasure/<slug:step>/", views.answer, name="answer"),
    path("manage/records/people/", own.restrictions, name="restrictions"),
    path("manage/records/people/<int:pk>/lift/", own.lift_restriction, name="lift-restriction"),
    path("accounts/data/", own.data, name="data"),
    path("accounts/data/erase/", own.erase, name="erase-account"),
    path("accounts/data/restrict/", own.restrict, name="restrict"),
    path("accounts/data/lift/", own.lift, name="lift-own"),
    path("apply/<reference:reference>/erasure/", views.company, name="company"),
]
