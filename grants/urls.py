"""Routes of programmes: public at the root, staff at /manage/programmes/."""

from django.urls import path

from grants.views import alerts, builder, cloning, corrections, manage, public, rehearsals, rehearsing

app_name = "grants"

urlpatterns = [
    path("", public.programmes, name="programmes"),
    path("programmes/<slug:slug>/", public.programme, name="programme"),
    path("programmes/<slug:slug>/privacy/", public.privacy, name="privacy"),
    path("programmes/<slug:slug>/dates.ics", public.dates, name="dates"),
    path("programmes/<slug:slug>/sample.pdf", public.sample, name="sample"),
    path("programmes/<slug:slug>/alerts/", alerts.ask, name="alert"),
    path("alerts/confirm/<str:token>/", alerts.confirm, name="alert_confirm"),
    path("alerts/stop/<str:token>/", alerts.stop, name="alert_stop"),
    path("programmes/<slug:slug>/check/", public.check, name="check"),
    path("manage/programmes/", manage.programmes, name="manage"),
    path("manage/programmes/load/", manage.load, name="load"),
    path("manage/programmes/rounds/<str:reference>/", manage.round_page, name="round"),
    path("manage/programmes/rounds/<str:reference>/more-time/", manage.extend, name="extend"),
    path("manage/programmes/rounds/<str:reference>/corrections/", corrections.corrections, name="corrections"),
    path("manage/programmes/rounds/<str:reference>/corrections/<int:pk>/<slug:step>/", corrections.decide, name="correction_step"),
    path("manage/programmes/rounds/<str:reference>/<slug:step>/", manage.round_step, name="round_step"),
    path("manage/programmes/<slug:slug>/", manage.programme, name="manage_programme"),
    path("manage/programmes/<slug:slug>/clone/", cloning.clone, name="clone"),
    path("manage/programmes/<slug:slug>/draft/", builder.draft, name="draft"),
    path("manage/programmes/<slug:slug>/draft/sections/<slug:section>/", builder.section, name="draft_section"),
    path("manage/programmes/<slug:slug>/draft/sections/<slug:section>/owner/", builder.owner, name="draft_owner"),
    path("manage/programmes/<slug:slug>/draft/sections/<slug:section>/ready/", builder.ready, name="draft_ready"),
    path("manage/programmes/<slug:slug>/draft/parts/<path:where>/", builder.part, name="draft_part"),
    path("manage/programmes/<slug:slug>/draft/new/<path:where>/", builder.new, name="draft_new"),
    path("manage/programmes/<slug:slug>/draft/move/<path:where>/", builder.move, name="draft_move"),
    path("manage/programmes/<slug:slug>/draft/remove/<path:where>/", builder.remove, name="draft_remove"),
    path("manage/programmes/<slug:slug>/draft/rename/<path:where>/", builder.rename, name="draft_rename"),
    path("manage/programmes/<slug:slug>/draft/text/<slug:section>/", builder.text, name="draft_text"),
    path("manage/programmes/<slug:slug>/draft/rules/", rehearsing.rules, name="draft_rules"),
    path("manage/programmes/<slug:slug>/draft/rules/<int:pk>/forget/", rehearsing.forget, name="draft_forget"),
    path("manage/programmes/<slug:slug>/draft/public/", builder.as_public, name="draft_public"),
    path("manage/programmes/<slug:slug>/draft/assessor/", builder.as_assessor, name="draft_assessor"),
    path("manage/programmes/<slug:slug>/rehearsals/", rehearsals.rehearse, name="rehearsals"),
    path("manage/programmes/<slug:slug>/rehearsals/<int:pk>/", rehearsals.rehearsal, name="rehearsal"),
    path("manage/programmes/<slug:slug>/rehearsals/<int:pk>/walk/", rehearsals.walk, name="rehearsal_walk"),
    path("manage/programmes/<slug:slug>/rehearsals/<int:pk>/delete/", rehearsals.delete, name="rehearsal_delete"),
    path("manage/programmes/<slug:slug>/lineage/", cloning.lineage, name="lineage"),
    path("manage/programmes/<slug:slug>/schedule/", manage.schedule, name="schedule"),
    path("manage/programmes/<slug:slug>/steps/<slug:step>/", manage.programme_step, name="programme_step"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/", manage.version, name="version"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/document/", manage.document, name="document"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/since/<int:other>/", corrections.compare, name="compare"),
    path("manage/programmes/<slug:slug>/versions/<int:number>/<slug:step>/", manage.version_step, name="version_step"),
]
