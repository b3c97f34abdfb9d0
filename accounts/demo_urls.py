"""Routes that exist in demo mode and nowhere else."""

from django.urls import path

from accounts.views import demo

app_name = "demo"
urlpatterns = [
    path("demo/", demo.cast, name="cast"),
    path("demo/sign-in/", demo.sign_in, name="sign-in"),
    path("outbox/", demo.outbox, name="outbox"),
]
