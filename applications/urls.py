"""Routes of the applicant's side, below /apply/."""

from django.urls import path

from applications import references  # noqa: F401 - its converter is used in the paths below
from applications.views import applications, changes, companies, correspondence, equality, redress, sections, teamwork, uploading

app_name = "applications"
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
    path("<reference:reference>/", applications.status, name="status"),
    path("<reference:reference>/form/", applications.form, name="form"),
    path("<reference:reference>/form/<slug:section>/", sections.section, name="section"),
    path("<reference:reference>/form/<slug:section>/save/", sections.save, name="save"),
    path("<reference:reference>/form/<slug:section>/here/", sections.here, name="here"),
    path("<reference:reference>/history/<slug:question>/", sections.history, name="history"),
    path("<reference:reference>/check/", applications.check, name="check"),
    path("<reference:reference>/changes/", changes.change, name="changes"),
    path("<reference:reference>/messages/", correspondence.company, name="messages"),
    path("<reference:reference>/people/", teamwork.assign, name="assign"),
    path("<reference:reference>/people/<int:assignment>/back/", teamwork.give_back, name="give-back"),
    path("<reference:reference>/typed/", teamwork.typed, name="typed"),
    path("<reference:reference>/sign/", applications.sign, name="sign"),
    path("<reference:reference>/submit/", applications.submit, name="submit"),
    path("<reference:reference>/receipt/", applications.receipt, name="receipt"),
    path("<reference:reference>/receipts/<int:number>.pdf", applications.receipt_pdf, name="receipt-pdf"),
    path("<reference:reference>/receipts/<int:number>.json", applications.paper_json, name="paper-json"),
    path("<reference:reference>/answers/", applications.answers, name="answers"),
    path("<reference:reference>/equality/", equality.give, name="equality"),
    path("<reference:reference>/equality/delete/", equality.take_back, name="equality-take-back"),
    path("<reference:reference>/withdraw/", applications.withdraw, name="withdraw"),
    path("<reference:reference>/appeal/", redress.appeal, name="appeal"),
    path("<reference:reference>/review/", redress.ask_review, name="ask-review"),
    path("<reference:reference>/reopen/", applications.reopen, name="reopen"),
    path("<reference:reference>/uploads/", uploading.begin, name="begin-upload"),
    path("<reference:reference>/uploads/<int:pk>/", uploading.piece, name="upload-piece"),
    path("<reference:reference>/documents/<int:pk>/", sections.document, name="document"),
]
