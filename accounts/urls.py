"""Routes about people; allauth's own stand beside them under /accounts/."""

from django.urls import path

from accounts.views import home

app_name = "accounts"
urlpatterns = [
    path("home/", home.home, name="home"),
    path("accounts/", home.account, name="account"),
    path("accounts/second-factor/", home.second_factor, name="second-factor"),
    path("accounts/sessions/end-all/", home.sign_out_everywhere, name="sign-out-everywhere"),
]
