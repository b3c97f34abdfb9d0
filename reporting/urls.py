from django.urls import path

from reporting.views import funder

app_name = "reporting"
urlpatterns = [
    path("funder/", funder.programmes, name="programmes"),
    path("funder/<slug:slug>/", funder.programme, name="figures"),
    path("funder/<slug:slug>/<slug:name>/", funder.rows, name="rows"),
    path("funder/<slug:slug>/<slug:name>/download/", funder.download, name="download"),
]
