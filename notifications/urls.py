from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("preferences/", views.preferences, name="preferences"),
    path("try-again/", views.try_again, name="try-again"),
    path("read/", views.mark_read, name="mark_read"),
]
