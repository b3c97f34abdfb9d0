"""Routes about people; allauth's own stand beside them under /accounts/."""

from django.urls import path

from accounts.views import home, invitations, keys, organisations, people

app_name = "accounts"
urlpatterns = [
    path("home/", home.home, name="home"),
    path("accounts/", home.account, name="account"),
    path("accounts/second-factor/", home.second_factor, name="second-factor"),
    path("accounts/sessions/end-all/", home.sign_out_everywhere, name="sign-out-everywhere"),
    path("accounts/people/", people.people, name="people"),
    path("accounts/people/<int:pk>/", people.person, name="person"),
    path("accounts/name/", people.own_name, name="own-name"),
    path("accounts/people/<int:pk>/correct/", people.correct, name="correct-person"),
    path("accounts/people/<int:pk>/close/", people.close, name="close-person"),
    path("accounts/people/<int:pk>/reopen/", people.reopen, name="reopen-person"),
    path("accounts/people/grant/", people.grant, name="grant"),
    path("accounts/people/grants/<int:pk>/confirm/", people.confirm, name="confirm-grant"),
    path("accounts/people/grants/<int:pk>/refuse/", people.refuse, name="refuse-grant"),
    path("accounts/people/roles/<int:pk>/end/", people.end, name="end-role"),
    path("accounts/people/invite/", invitations.invite, name="invite"),
    path("accounts/people/invitations/<int:pk>/resend/", invitations.resend, name="resend-invitation"),
    path("accounts/people/invitations/<int:pk>/withdraw/", invitations.withdraw, name="withdraw-invitation"),
    path("accounts/invitations/<int:pk>/own/", invitations.own, name="own-invitation"),
    path("accounts/invitations/<str:token>/", invitations.accept, name="accept-invitation"),
    path("accounts/organisations/", organisations.organisation_list, name="organisations"),
    path("accounts/organisations/<int:pk>/look/", organisations.dress, name="dress-organisation"),
    path("accounts/keys/", keys.key_list, name="keys"),
    path("accounts/keys/create/", keys.create, name="create-key"),
    path("accounts/keys/<int:pk>/confirm/", keys.confirm, name="confirm-key"),
    path("accounts/keys/<int:pk>/revoke/", keys.revoke, name="revoke-key"),
]
