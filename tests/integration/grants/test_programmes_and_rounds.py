"""A programme is prepared by one person and published by another; a round opens and closes by the clock or with a reason."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.home import answered
from accounts.models import RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from audit import triggers
from audit.models import Event
from grants.actions import programmes, rounds
from grants.definition import DocumentRefused
from grants.home import to_end_a_pause
from grants.models import DocumentText, Programme, ProgrammeVersion, Round
from grants.policies import RoundClosed, Understaffed, check_round_takes_applications
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import grants as stages
from workflow import deadlines
from workflow.engine import fire
from workflow.models import Deadline

pytestmark = pytest.mark.django_db


class TestPublishing:
    def test_officer_prepares_and_lead_publishes(self, cast):
        programme = stages.published(cast)
        assert programme.state == Programme.State.PUBLISHED
        assert programme.published_version.number == 1
        assert programme.name == "DIAGCOMM diagnostics innovation grants"

    def test_who_prepared_does_not_publish(self, cast, lead):
        version = programmes.load(document=stages.document(), by=lead, at=stages.BEFORE)
        with pytest.raises(Denied) as refused:
            programmes.publish(version=version, by=lead, at=stages.BEFORE)
        assert refused.value.code == "separation_of_duties"
        assert ProgrammeVersion.objects.get().state == ProgrammeVersion.State.PREPARED
        assert Programme.objects.get().state == Programme.State.DRAFT

    def test_who_published_one_version_may_prepare_the_next(self, cast, lead, second_lead):
        stages.published(cast)
        text = stages.document().replace("weight: 20\n", "weight: 20\n", 1) + "# a remark\n"
        version = programmes.load(document=text, by=lead, at=stages.BEFORE)
        assert programmes.publish(version=version, by=second_lead, at=stages.BEFORE).number == 2

    def test_officer_may_not_publish_what_another_prepared(self, cast, officer, lead):
        version = programmes.load(document=stages.document(), by=lead, at=stages.BEFORE)
        with pytest.raises(Denied):
            programmes.publish(version=version, by=officer, at=stages.BEFORE)

    def test_stranger_loads_nothing(self, cast, stranger):
        with pytest.raises(Denied):
            programmes.load(document=stages.document(), by=stranger, at=stages.BEFORE)
        assert not Programme.objects.exists()

    def test_same_text_again_is_the_same_version(self, cast, officer):
        stages.published(cast)
        again = programmes.load(document=stages.document(), by=officer, at=stages.BEFORE)
        assert (again.number, ProgrammeVersion.objects.count()) == (1, 1)

    def test_without_an_independent_approver_nothing_is_published(self, cast, lead):
        version = stages.prepared(cast)
        RoleAssignment.objects.filter(role=Role.INDEPENDENT_APPROVER).update(ends_at=stages.BEFORE)
        with pytest.raises(Understaffed):
            programmes.publish(version=version, by=lead, at=stages.BEFORE)

    def test_invalid_document_is_refused_and_leaves_nothing(self, cast, officer):
        with pytest.raises(DocumentRefused):
            programmes.load(document="slug: diagcomm", by=officer, at=stages.BEFORE)
        assert not Programme.objects.exists()

    def test_a_programme_keeps_its_funder(self, cast, officer):
        stages.published(cast)
        text = stages.document().replace("funder: Anyshire Combined Authority", "funder: Somewhere Else Council")
        with pytest.raises(Refused) as refused:
            programmes.load(document=text, by=officer, at=stages.BEFORE)
        assert refused.value.code == "funder_changed"

    def test_the_database_refuses_to_alter_a_stored_text(self, cast):
        stages.published(cast)
        with pytest.raises(DatabaseError), transaction.atomic():
            DocumentText.objects.update(text="slug: other")

    def test_a_text_altered_behind_the_database_is_noticed_when_it_is_read(self, cast):
        version = stages.prepared(cast)
        with triggers.lifted():
            DocumentText.objects.update(text=stages.document() + " ")
        with pytest.raises(DocumentRefused, match="no longer has the hash"):
            ProgrammeVersion.objects.get(pk=version.pk).read()

    def test_those_concerned_are_told(self, cast, lead, independent_approver, officer):
        stages.published(cast)
        assert Notice.objects.filter(person=lead, kind="programme.prepared").count() == 1
        assert set(Notice.objects.filter(kind="programme.published").values_list("person", flat=True)) == {
            independent_approver.pk,
            officer.pk,
        }

    def test_every_step_is_in_the_programmes_stream(self, cast):
        stages.published(cast)
        kinds = list(Event.objects.filter(stream="programme:diagcomm").order_by("sequence").values_list("kind", flat=True))
        assert kinds == [
            "programme.created",
            "programmeversion.drafted",
            "programmeversion.prepare",
            "programmeversion.publish",
            "programme.publish",
        ]

    def test_sent_back_it_can_be_put_forward_again(self, cast, lead, officer):
        version = programmes.send_back(version=stages.prepared(cast), reason="The dates are wrong.", by=lead, at=stages.BEFORE)
        assert version.prepared_by is None
        assert programmes.prepare(version=version, by=officer, at=stages.BEFORE).state == ProgrammeVersion.State.PREPARED


class TestRounds:
    def test_takes_its_budget_from_the_definition_unless_told(self, cast):
        assert stages.scheduled_round(cast).budget.amount_pence == 40_000_000

    def test_opens_and_closes_by_the_clock(self, cast):
        stages.scheduled_round(cast)
        assert deadlines.fire_due(at=stages.OPENS - timedelta(seconds=1)) == 0
        assert deadlines.fire_due(at=stages.OPENS) == 1
        assert Round.objects.get().state == Round.State.OPEN
        assert deadlines.fire_due(at=stages.CLOSES) == 1
        assert Round.objects.get().state == Round.State.CLOSED
        assert Round.objects.get().closed_by.is_system

    def test_a_worker_that_slept_through_both_times_still_leaves_a_whole_history(self, cast):
        stages.scheduled_round(cast)
        deadlines.fire_due(at=stages.CLOSES + timedelta(hours=1))
        assert Round.objects.get().state == Round.State.CLOSED
        assert Round.objects.get().opened_at is not None

    def test_applications_are_taken_by_the_announced_times_to_the_second(self, cast):
        round_ = stages.scheduled_round(cast)
        check_round_takes_applications(round_, at=stages.OPENS)
        check_round_takes_applications(round_, at=stages.CLOSES - timedelta(microseconds=1))
        for moment, code in ((stages.OPENS - timedelta(microseconds=1), "round_not_open_yet"), (stages.CLOSES, "round_closed")):
            with pytest.raises(RoundClosed) as refused:
                check_round_takes_applications(round_, at=moment)
            assert refused.value.code == code

    def test_paused_takes_nothing_and_resumes(self, cast, lead):
        round_ = rounds.pause(round=stages.open_round(cast), reason="The site is down.", by=lead, at=stages.WHILE_OPEN)
        deadlines.fire_due(at=stages.CLOSES)
        assert Round.objects.get(pk=round_.pk).state == "paused", "the clock does not decide what a pause ends in"
        with pytest.raises(RoundClosed, match="passed while it was paused"):
            rounds.resume(round=round_, by=lead, at=stages.CLOSES)
        assert [item.title for item in answered(to_end_a_pause(lead, stages.CLOSES))] == [f"Decide on {round_.reference}"]
        assert [*answered(to_end_a_pause(lead, stages.WHILE_OPEN))] == [*to_end_a_pause(cast["applicant"], stages.CLOSES)] == []
        with pytest.raises(RoundClosed, match="paused"):
            check_round_takes_applications(round_, at=stages.WHILE_OPEN)
        check_round_takes_applications(rounds.resume(round=round_, by=lead, at=stages.WHILE_OPEN), at=stages.WHILE_OPEN)

    def test_closing_early_needs_a_reason_and_moves_the_time(self, cast, lead):
        round_ = stages.open_round(cast)
        with pytest.raises(NotAllowedNow, match="closes at midday on Friday 30 October 2026 "):
            rounds.close(round=round_, by=lead, at=stages.WHILE_OPEN)
        closed = rounds.close(round=round_, reason="All money is committed.", by=lead, at=stages.WHILE_OPEN)
        assert (closed.state, closed.closes_at) == (Round.State.CLOSED, stages.WHILE_OPEN)
        assert not Deadline.objects.live().of(closed).exists()

    def test_opening_early_moves_the_announced_time(self, cast, lead):
        assert stages.open_round(cast, at=stages.BEFORE).opens_at == stages.BEFORE

    @pytest.mark.parametrize(("opens", "closes"), [(stages.CLOSES, stages.OPENS), (stages.OPENS - timedelta(days=90), stages.BEFORE)])
    def test_times_that_make_no_sense_are_refused(self, cast, lead, opens, closes):
        with pytest.raises(Refused):
            rounds.schedule(programme=stages.published(cast), opens_at=opens, closes_at=closes, by=lead, at=stages.BEFORE)

    def test_needs_a_published_programme(self, cast, lead):
        programme = stages.prepared(cast).programme
        with pytest.raises(NotAllowedNow):
            rounds.schedule(programme=programme, opens_at=stages.OPENS, closes_at=stages.CLOSES, by=lead, at=stages.BEFORE)

    def test_finance_schedules_nothing(self, cast, finance):
        with pytest.raises(Denied):
            rounds.schedule(programme=stages.published(cast), opens_at=stages.OPENS, closes_at=stages.CLOSES, by=finance, at=stages.BEFORE)

    def test_a_running_round_keeps_its_version(self, cast, officer, lead):
        round_ = stages.open_round(cast)
        newer = programmes.load(document=stages.document() + "# more\n", by=officer, at=stages.WHILE_OPEN)
        programmes.publish(version=newer, by=lead, at=stages.WHILE_OPEN)
        assert Round.objects.get(pk=round_.pk).version.number == 1
        assert round_.programme.published_version.number == 2

    def test_budget_cut_below_commitments_is_recorded_not_refused(self, cast, lead):
        round_ = stages.scheduled_round(cast)
        round_.budget.committed_pence = 10_000
        round_.budget.save(update_fields=["committed_pence"])
        budget = rounds.set_budget(round=round_, amount_pence=5_000, reason="The funder cut it.", by=lead, at=stages.BEFORE)
        assert (budget.over_committed, budget.left_pence) == (True, -5_000)

    def test_programme_does_not_go_to_monitoring_while_a_round_runs(self, cast, lead):
        round_ = stages.open_round(cast)
        with pytest.raises(NotAllowedNow, match="DIAGCOMM-1 is open"):
            fire(round_.programme, "start_monitoring", by=lead, at=stages.WHILE_OPEN)
        rounds.cancel(round=round_, reason="No money.", by=lead, at=stages.WHILE_OPEN)
        assert fire(round_.programme, "start_monitoring", by=lead, at=stages.WHILE_OPEN).state == Programme.State.MONITORING


class TestVisibility:
    def test_staff_see_it_and_strangers_do_not(self, cast, officer, auditor, stranger, applicant):
        stages.scheduled_round(cast)
        for model in (Programme, Round):
            assert model.objects.visible_to(officer).count() == 1
            assert model.objects.visible_to(auditor).count() == 1
            assert not model.objects.visible_to(stranger).exists()
            assert not model.objects.visible_to(applicant).exists()

    def test_unpublished_is_not_public(self, cast):
        stages.prepared(cast)
        assert not Programme.objects.public().exists()
