from django.urls import path

from reporting.views import audit, funder, intake, personal, requirements, staffing

app_name = "reporting"
urlpatterns = [
    path("accounts/my-data/", personal.download, name="my_data"),
    path("funder/", funder.programmes, name="programmes"),
    path("funder/<slug:slug>/", funder.programme, name="figures"),
    path("funder/<slug:slug>/<slug:name>/", funder.rows, name="rows"),
    path("funder/<slug:slug>/<slug:name>/download/", funder.download, name="download"),
    path("audit/", audit.streams, name="audit"),
    path("audit/verify/", audit.verify_all, name="audit_verify_all"),
    path("audit/checkpoints/", audit.checkpoints, name="audit_checkpoints"),
    path("audit/checkpoints/<int:number>/", audit.checkpoint, name="audit_checkpoint"),
    path("audit/streams/<str:stream>/", audit.stream, name="audit_stream"),
    path("audit/streams/<str:stream>/verify/", audit.verify_stream, name="audit_verify"),
    path("audit/streams/<str:stream>/export/", audit.export, name="audit_export"),
    path("audit/streams/<str:stream>/<int:sequence>/", audit.event, name="audit_event"),
    path("manage/intake/<str:reference>/", intake.of_round, name="intake"),
    path("manage/cases/<str:reference>/history/", audit.case_history, name="case_history"),
    path("manage/programmes/<slug:slug>/people/", staffing.who_can, name="staffing"),
    path("manage/programmes/<slug:slug>/people/away/", staffing.away, name="away"),
    path("manage/programmes/<slug:slug>/people/away/<int:pk>/back/", staffing.back, name="away_back"),
    path("manage/programmes/<slug:slug>/requirements/", requirements.checklist, name="requirements"),
    path("manage/programmes/<slug:slug>/requirements/<int:number>/", requirements.note, name="requirement"),
]
