"""Routes of programmes: public at the root, staff at /manage/programmes/."""

from django.urls import path

from grants.views import cloning, manage, public

app_name = "grants"

urlpatterns = [
    path("", public.programmes, name="programmes"),
    path("programmes/<slug:slug>/", public.programme, name="programme"),
    path("programmes/<slug:slug>/check/", public.check, name="check"),
    path("manage/programmes/", manage.programmes, name="manage"),
    path("manage/programmes/load/", manage.load, name="load"),
    path("manage/programmes/rounds/<str:reference>/", manage.round_page, name="round"),
    path("manage/programmes/rounds/<str:reference>/<slug:step>/", manage.round_step, name="round_step"),
    path("manage/programmes/<slug:slug>/", manage.programme, name="manage_programme"),
    path("manage/programmes/<slug:slug>/clone/", cloning.clone, name="clone"),
    path("manage/programmes/<slug:slug>/lineage/", cloning.lineage, name="lineage"),
    path("manage/programmes/<slug:slug>/schedule/", manage.schedule, name="schedule"),
    path("manage/programmes/<slug:slug>/steps/<slug:step>/", manage.programme_step, name="programme_step"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/", manage.version, name="version"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/document/", manage.document, name="document"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/<slug:step>/", manage.version_step, name="version_step"),
]
