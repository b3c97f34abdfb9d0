"""The assessor's part of the house and the staff's."""

from django.urls import path

from assessments.views import assessor, decisions, figures, meetings, moderation, officer, plans

app_name = "assessments"

urlpatterns = [
    path("assess/", assessor.queue, name="queue"),
    path("assess/done/", assessor.done, name="done"),
    path("assess/<int:pk>/", assessor.declare, name="declare"),
    path("assess/<int:pk>/review/", assessor.review, name="review"),
    path("assess/offline/", assessor.upload, name="upload"),
    path("assess/offline/reviews.<str:kind>", assessor.sheet, name="sheet"),
    path("assess/<int:pk>/save/", assessor.autosave, name="autosave"),
    path("assess/<int:pk>/all/", assessor.others, name="others"),
    path("assess/<int:pk>/pack.pdf", assessor.pack, name="pack"),
    path("assess/<int:pk>/give-back/", assessor.give_back, name="give_back"),
    path("assess/<int:pk>/documents/<int:document>/", assessor.document, name="document"),
    path("manage/assessment/", officer.round_list, name="rounds"),
    path("manage/assessment/<str:reference>/", officer.overview, name="overview"),
    path("manage/assessment/<str:reference>/allocation/", officer.allocation, name="allocation"),
    path("manage/assessment/<str:reference>/allocation/plans/", plans.plan_list, name="plans"),
    path("manage/assessment/<str:reference>/allocation/plans/<int:pk>/", plans.plan, name="plan"),
    path("manage/assessment/<str:reference>/allocation/plans/<int:pk>/send/", plans.plan_send, name="plan_send"),
    path("manage/assessment/<str:reference>/allocation/plans/<int:pk>/<str:application>/", plans.plan_item, name="plan_item"),
    path("manage/assessment/<str:reference>/assessors/<int:person>/", officer.assessor, name="assessor"),
    path("manage/assessment/<str:reference>/conflicts/", officer.conflict_list, name="conflicts"),
    path("manage/assessment/<str:reference>/conflicts/<int:conflict>/", officer.judge_conflict, name="judge_conflict"),
    path("manage/assessment/<str:reference>/advice/", officer.advice, name="advice"),
    path("manage/assessment/<str:reference>/ranking/", decisions.ranking_page, name="ranking"),
    path("apply/<str:reference>/interview/", meetings.interview, name="interview"),
    path("manage/assessment/<str:reference>/meetings/", meetings.meeting_list, name="meetings"),
    path("manage/assessment/<str:reference>/meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("manage/assessment/<str:reference>/meetings/<int:pk>/do/<str:act>/", meetings.act, name="meeting_act"),
    path("manage/assessment/<str:reference>/meetings/<int:pk>/<str:application>/", meetings.item, name="meeting_item"),
    path("manage/assessment/<str:reference>/figures/", figures.page, name="figures"),
    path("manage/assessment/<str:reference>/figures/work-out/", figures.work_out, name="work_out_figures"),
    path("manage/assessment/<str:reference>/moderation/", moderation.queue, name="moderation"),
    path("manage/assessment/<str:reference>/moderation/<str:act>/all/", moderation.act_on_all, name="moderate_all"),
    path("manage/assessment/<str:reference>/moderation/<int:item>/", moderation.settle, name="settle"),
    path("manage/assessment/<str:reference>/decisions/", decisions.decision_list, name="decisions"),
    path("manage/assessment/<str:reference>/decisions/letters/", decisions.letters, name="letters"),
    path("manage/assessment/<str:reference>/decisions/<str:act>/all/", decisions.act_on_all, name="decide_all"),
    path("manage/assessment/<str:reference>/<str:application>/", officer.application, name="application"),
    path("manage/assessment/<str:reference>/<str:application>/calibrate/", officer.calibrate, name="calibrate"),
    path("manage/assessment/<str:reference>/<str:application>/my-conflict/", officer.declare_own, name="declare_own"),
    path("manage/assessment/<str:reference>/<str:application>/invite/", officer.invite, name="invite"),
    path("manage/assessment/<str:reference>/<str:application>/reviews/<int:pk>/<str:act>/", officer.act_on_review, name="act_on_review"),
    path("manage/assessment/<str:reference>/<str:application>/moderation/<str:act>/", moderation.act_on_one, name="moderate"),
    path("manage/assessment/<str:reference>/<str:application>/propose/", decisions.propose, name="propose"),
    path("manage/assessment/<str:reference>/<str:application>/decision/<str:act>/", decisions.act_on_one, name="decide"),
]
