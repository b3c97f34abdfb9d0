"""Routes of the applicant's side, below /apply/."""

from django.urls import include, path

from applications import references  # noqa: F401 - its converter is used in the paths below
from applications.views import applications, changes, companies, correspondence, equality, redress, sections, teamwork, uploading

app_name = "applications"
of_one = [
    path("", applications.status, name="status"),
    path("form/", applications.form, name="form"),
    path("form/<slug:section>/", sections.section, name="section"),
    path("form/<slug:section>/save/", sections.save, name="save"),
    path("form/<slug:section>/here/", sections.here, name="here"),
    path("history/<slug:question>/", sections.history, name="history"),
    path("check/", applications.check, name="check"),
    path("changes/", changes.change, name="changes"),
    path("messages/", correspondence.company, name="messages"),
    path("people/", teamwork.assign, name="assign"),
    path("people/<int:assignment>/back/", teamwork.give_back, name="give-back"),
    path("typed/", teamwork.typed, name="typed"),
    path("sign/", applications.sign, name="sign"),
    path("submit/", applications.submit, name="submit"),
    path("receipt/", applications.receipt, name="receipt"),
    path("receipts/<int:number>.pdf", applications.receipt_pdf, name="receipt-pdf"),
    path("receipts/<int:number>.json", applications.paper_json, name="paper-json"),
    path("answers/", applications.answers, name="answers"),
    path("equality/", equality.give, name="equality"),
    path("equality/delete/", equality.take_back, name="equality-take-back"),
    path("withdraw/", applications.withdraw, name="withdraw"),
    path("appeal/", redress.appeal, name="appeal"),
    path("review/", redress.ask_review, name="ask-review"),
    path("reopen/", applications.reopen, name="reopen"),
    path("uploads/", uploading.begin, name="begin-upload"),
    path("uploads/<int:pk>/", uploading.piece, name="upload-piece"),
    path("documents/<int:pk>/", sections.document, name="document"),
]

urlpatterns = [
    path("", applications.home, name="home"),
    path("companies/new/", companies.register, name="register"),
    path("companies/look-up/", companies.look_up, name="look-up"),
    path("companies/<int:pk>/group/", companies.group, name="group"),
    path("companies/<int:pk>/group/<int:enterprise>/remove/", companies.leave_group, name="leave-group"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("companies/<int:pk>/change/", companies.change, name="change-company"),
    path("companies/<int:pk>/team/", companies.team, name="team"),
    path("companies/<int:pk>/team/<int:assignment>/end/", companies.leave, name="end-role"),
    path("companies/<int:pk>/team/invitations/<int:invitation>/", companies.invitation, name="invitation"),
    path("companies/<int:pk>/hand-over/", teamwork.hand_over, name="hand-over"),
    path("companies/<int:pk>/assistance/", companies.assistance, name="assistance"),
    path("companies/<int:pk>/assistance/<int:award>/remove/", companies.remove_assistance, name="remove-assistance"),
    path("rounds/<str:round>/start/", applications.start, name="start"),
    path("<reference:reference>/", include(of_one)),
]
