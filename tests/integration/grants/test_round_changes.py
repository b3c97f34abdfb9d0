"""What changes about a round for everybody: more time, an early end, a pause; and a round that takes so many applications."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from applications.actions import applications
from applications.models import Application
from applications.policies import take_place
from applications.presenters import pages
from grants.actions import rounds
from grants.models import Budget, OpeningAlert, Round
from grants.policies import RoundClosed, RoundFull
from grants.presenters import other_rounds, public
from notifications.delivery import drain
from notifications.models import Notice
from tests.stages import applications as stages
from tests.stages import grants, payments
from workflow.models import Deadline

pytestmark = pytest.mark.django_db
WHY = "Our pages were away for three hours on the last day."
LATER = grants.CLOSES + timedelta(days=2)


def extended(cast, round_: Round, *, at=grants.WHILE_OPEN, until=LATER, reopens_forms=False) -> Round:
    return rounds.extend(round=round_, until=until, reason=WHY, reopens_forms=reopens_forms, by=cast["lead"], at=at)


def signed(cast, draft: Application) -> Application:
    return applications.sign(application=draft, name="Sigrid Signatory", position="Director", by=cast["signatory"], at=grants.WHILE_OPEN)


class TestMoreTime:
    def test_one_reason_moves_one_deadline_for_all_and_everybody_is_told(self, cast, client):
        opened = grants.open_round(cast)
        stages.draft(cast, round=opened, filled=False)
        moved = extended(cast, opened)
        assert (moved.closes_at, moved.state) == (LATER, "open")
        assert Deadline.objects.live().of(moved).get(name="closing").due_at == LATER
        drain(at=grants.WHILE_OPEN)
        told = Notice.objects.filter(kind="round.changed")
        assert {notice.person for notice in told} == {cast["applicant"], cast["colleague"], cast["signatory"]}
        assert WHY in told.first().body
        assert "from midday on Friday 30 October 2026 (GMT) to midday on Sunday 1 November 2026 (GMT)" in told.first().body
        assert WHY in client.get("/programmes/diagcomm/").content.decode()
        client.force_login(cast["applicant"])
        assert WHY in client.get(f"/apply/{Application.objects.get().reference}/form/").content.decode()

    def test_a_round_that_closed_opens_again_and_drafts_can_be_sent_in(self, cast):
        opened = grants.open_round(cast)
        draft = stages.draft(cast, round=opened)
        signed(cast, draft)
        closed = rounds.close(round=opened, by=cast["lead"], at=grants.CLOSES)
        after = grants.CLOSES + timedelta(hours=3)
        with pytest.raises(RoundClosed):
            applications.submit(application=draft, by=cast["signatory"], at=after)
        again = extended(cast, closed, at=after)
        assert (again.state, again.closed_at) == ("open", None)
        assert applications.submit(application=draft, by=cast["signatory"], at=after).submitted_at == after

    @pytest.mark.parametrize("may", [True, False])
    def test_what_was_sent_in_is_taken_up_again_only_where_the_extension_says_so(self, cast, may):
        opened = grants.open_round(cast)
        sent = stages.eligible(cast, round=opened)
        extended(cast, opened, reopens_forms=may)
        late = grants.CLOSES + timedelta(hours=1)
        if may:
            assert applications.reopen(application=sent, by=cast["signatory"], at=late).state == "draft"
        else:
            with pytest.raises(NotAllowedNow, match="More time was given to those who could not"):
                applications.reopen(application=sent, by=cast["signatory"], at=late)

    def test_a_deadline_moves_only_later_and_for_a_reason(self, cast):
        opened = grants.open_round(cast)
        with pytest.raises(Refused, match="later than the old one"):
            extended(cast, opened, until=grants.CLOSES)
        with pytest.raises(Refused, match="Give a reason"):
            rounds.extend(round=opened, until=LATER, reason=" ", reopens_forms=False, by=cast["lead"], at=grants.WHILE_OPEN)

    def test_the_next_round_of_a_rolling_programme_gives_way(self, cast):
        programme = grants.published(cast)
        first = grants.scheduled_round(cast, programme=programme)
        following = grants.scheduled_round(cast, programme=programme, opens_at=grants.CLOSES, closes_at=grants.CLOSES + timedelta(days=9))
        first = rounds.open(round=first, by=cast["lead"], at=grants.OPENS)
        with pytest.raises(Refused, match="must be before that"):
            extended(cast, first, until=grants.CLOSES + timedelta(days=9))
        extended(cast, first)
        moved = Round.objects.get(pk=following.pk)
        assert moved.opens_at == LATER == Deadline.objects.live().of(moved).get(name="opening").due_at


class TestEarlyClosing:
    def committing(self, cast, *, says_so: bool) -> Round:
        text = grants.document().replace("\nrounds:\n", "\nrounds:\n  close_when_committed: true\n" if says_so else "\nrounds:\n", 1)
        opened = grants.open_round(cast, programme=grants.published(cast, text=text))
        amount = opened.budget.amount_pence
        Budget.objects.filter(round=opened).update(committed_pence=amount - 100)
        return Round.objects.get(pk=opened.pk)

    def test_a_round_whose_money_is_committed_closes_where_the_programme_says_so(self, cast):
        opened = self.committing(cast, says_so=True)
        closed = rounds.close_if_committed(round=opened, at=grants.WHILE_OPEN)
        assert (closed.state, closed.closes_at) == ("closed", grants.WHILE_OPEN)
        assert closed.changes.get().reason == "What is left of the money would not make the smallest grant."
        assert rounds.close_if_committed(round=closed, at=grants.WHILE_OPEN).changes.count() == 1

    def test_a_budget_cut_below_the_smallest_grant_closes_it_too(self, cast, client):
        opened = self.committing(cast, says_so=True)
        client.force_login(cast["lead"])
        page = client.get(opened.get_absolute_url()).content.decode()
        assert "(£10,000), the round closes at once" in page
        enough = opened.budget.committed_pence + opened.definition.funding.grant_min
        cut = {"reason": "The funder cut it.", "by": cast["lead"], "at": grants.WHILE_OPEN}
        assert rounds.set_budget(round=opened, amount_pence=enough, **cut).round.state == "open"
        sent = {"amount_pence": f"{(enough - 100) / 100:.2f}", "reason": "The funder cut it again."}
        assert "so the round has closed" in client.post(opened.get_absolute_url(), sent, follow=True).content.decode()
        closed = Round.objects.get(pk=opened.pk)
        assert (closed.state, closed.closed_by) == ("closed", Person.objects.system())
        assert rounds.set_budget(round=closed, amount_pence=enough, **cut).round.state == "closed", "more money does not open it"

    def test_otherwise_it_stays_open_and_the_staff_are_told(self, cast, client):
        opened = self.committing(cast, says_so=False)
        assert rounds.close_if_committed(round=opened, at=grants.WHILE_OPEN).state == "open"
        client.force_login(cast["lead"])
        assert "would not make the smallest grant" in client.get(opened.get_absolute_url()).content.decode()

    def test_reasons_of_a_pause_and_an_early_end_are_for_everybody(self, cast, client):
        opened = grants.open_round(cast)
        paused = rounds.pause(round=opened, reason="We mend a fault in the form.", by=cast["lead"], at=grants.WHILE_OPEN)
        running = rounds.resume(round=paused, by=cast["lead"], at=grants.WHILE_OPEN)
        rounds.close(round=running, reason="The funder stopped the money.", by=cast["lead"], at=grants.WHILE_OPEN)
        page = client.get("/programmes/diagcomm/").content.decode()
        assert "We mend a fault in the form." in page
        assert "The funder stopped the money." in page
        assert "It was to close at midday on Friday 30 October 2026 (GMT)" in page


class TestOtherDates:
    def test_before_it_opens_both_times_move_for_a_reason_and_whoever_waits_is_told_once(self, cast, client):
        round_ = grants.scheduled_round(cast)
        for address, confirmed_at in (("in@example.com", grants.BEFORE), ("unsure@example.com", None)):
            about = {"blind": address, "address": address, "asked_at": grants.BEFORE}
            OpeningAlert.objects.create(programme=round_.programme, confirmed_at=confirmed_at, **about)
        later = {"opens_at": grants.OPENS + timedelta(days=7), "closes_at": LATER}
        moved = rounds.reschedule(round=round_, reason="The area's rules are not agreed.", by=cast["lead"], at=grants.BEFORE, **later)
        assert (moved.state, moved.opens_at, moved.closes_at) == ("scheduled", *later.values())
        due = {one.name: one.due_at for one in Deadline.objects.live().of(moved)}
        assert due == {"opening": later["opens_at"], "closing": LATER}
        for _ in range(2):
            drain(at=grants.BEFORE)
        (letter,) = [one for one in mail.outbox if "other dates" in one.subject]
        assert letter.to == ["in@example.com"]
        assert "opening at 9am on Monday 21 September 2026 (BST) instead of 9am on Monday 14 September 2026 (BST)" in letter.body
        assert "not agreed" in letter.body
        assert "not agreed" in client.get("/programmes/diagcomm/").content.decode()
        rounds.cancel(round=moved, reason=WHY, by=cast["lead"], at=grants.BEFORE)
        drain(at=grants.BEFORE)
        (other,) = [one for one in mail.outbox if one.subject.endswith(": cancelled")]
        assert (other.to, "was cancelled" in other.body) == (letter.to, True)

    def test_the_page_takes_them_and_keeps_what_was_typed(self, cast, client):
        round_ = grants.scheduled_round(cast, opens_at=timezone.now() + timedelta(days=30), closes_at=timezone.now() + timedelta(days=90))
        client.force_login(cast["lead"])
        home = f"{round_.get_absolute_url()}dates/"
        assert home in client.get(round_.get_absolute_url()).content.decode()
        form = client.get(home).context["form"]
        typed = {name: form[name].value() for name in form.fields}
        for name in ("opens_on", "closes_on"):
            day = typed.pop(name) + timedelta(days=1)
            typed |= {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}
        assert "Say why" in client.post(home, typed | {"reason": ""}).content.decode()
        assert "must close after it opens" in client.post(home, typed | {"closes_on_year": 2020, "reason": WHY}).content.decode()
        assert client.post(home, typed | {"reason": WHY}).status_code == 302
        assert Round.objects.get(pk=round_.pk).changes.get().reason == WHY

    def test_once_it_has_opened_or_in_the_past_or_to_the_same_they_stay(self, cast):
        round_ = grants.scheduled_round(cast)

        def to(opens_at, closes_at=LATER, at=grants.BEFORE):
            return rounds.reschedule(round=round_, opens_at=opens_at, closes_at=closes_at, reason=WHY, by=cast["lead"], at=at)

        with pytest.raises(Refused, match="dates already"):
            to(grants.OPENS, grants.CLOSES)
        with pytest.raises(Refused, match="has passed"):
            to(grants.BEFORE - timedelta(days=1))
        with pytest.raises(Refused, match="must close after it opens"):
            to(grants.CLOSES, grants.CLOSES)
        with pytest.raises(NotAllowedNow, match="Give everybody more time, or close it early"):
            to(grants.CLOSES, at=grants.OPENS)

    def test_a_cancelled_round_needs_no_budget(self, cast, client):
        round_ = rounds.cancel(round=grants.scheduled_round(cast), reason=WHY, by=cast["lead"], at=grants.BEFORE)
        client.force_login(cast["lead"])
        assert "Change the budget" not in client.get(round_.get_absolute_url()).content.decode()
        with pytest.raises(NotAllowedNow, match="was cancelled"):
            rounds.set_budget(round=round_, amount_pence=100, reason=WHY, by=cast["lead"], at=grants.BEFORE)


class TestSoManyAndNoMore:
    def test_a_full_round_says_so_to_everybody_and_takes_another_when_one_withdraws(self, cast, client):
        programme = grants.published(cast)
        about = {"opens_at": grants.OPENS, "closes_at": grants.CLOSES, "by": cast["lead"], "at": grants.BEFORE}
        opened = rounds.open(round=rounds.schedule(programme=programme, most_applications=1, **about), by=cast["lead"], at=grants.OPENS)
        waiting = signed(cast, stages.draft(cast, round=opened))
        first = stages.eligible(cast, round=opened)
        with pytest.raises(RoundFull, match="takes 1 application, and that many are in"):
            applications.submit(application=waiting, by=cast["signatory"], at=grants.WHILE_OPEN)
        with pytest.raises(RoundFull):
            applications.start(round=opened, company=waiting.company, by=cast["applicant"], at=grants.WHILE_OPEN)
        again = applications.reopen(application=first, by=cast["signatory"], at=grants.WHILE_OPEN)
        assert Round.objects.get(pk=opened.pk).sent_in() == 1, "its place is kept while it is mended"
        with pytest.raises(Refused, match="1 is in already, so it cannot take 0"):
            rounds.change_places(round=opened, places=0, reason=WHY, by=cast["lead"], at=grants.WHILE_OPEN)
        applications.withdraw(application=again, by=cast["signatory"], at=grants.WHILE_OPEN)
        assert applications.submit(application=waiting, by=cast["signatory"], at=grants.WHILE_OPEN).submitted_at

    def test_the_number_changes_for_a_reason_and_everybody_is_told(self, cast, client):
        programme = grants.published(cast)
        about = {"opens_at": grants.OPENS, "closes_at": grants.CLOSES, "by": cast["lead"], "at": grants.BEFORE}
        opened = rounds.open(round=rounds.schedule(programme=programme, most_applications=1, **about), by=cast["lead"], at=grants.OPENS)
        waiting = signed(cast, stages.draft(cast, round=opened))
        stages.eligible(cast, round=opened)
        assert Round.objects.full() == {opened.pk}
        assert public.cards([programme], [opened], grants.WHILE_OPEN)[0]["tag"] == "Full"
        assert "that many are in" in pages.no_place(waiting, grants.WHILE_OPEN)
        client.force_login(cast["lead"])
        home = f"{opened.get_absolute_url()}places/"
        assert "Say why" in client.post(home, {"places": "2", "reason": ""}).content.decode()
        assert "how many it takes already" in client.post(home, {"places": "1", "reason": WHY}).content.decode()
        rounds.change_places(round=opened, places=2, reason="The funder added money.", by=cast["lead"], at=grants.WHILE_OPEN)
        assert (
            Round.objects.get(pk=opened.pk).changes.get().sentence == "The round takes 2 applications now. Before, it took 1 application."
        )
        assert (Round.objects.full(), pages.no_place(Application.objects.get(pk=waiting.pk), grants.WHILE_OPEN)) == (set(), "")
        drain(at=grants.WHILE_OPEN)
        assert "The funder added money." in Notice.objects.filter(kind="round.changed", person=cast["applicant"]).first().body
        assert "The funder added money." in client.get("/programmes/diagcomm/").content.decode()
        rounds.change_places(round=opened, places=1, reason=WHY, by=cast["lead"], at=grants.WHILE_OPEN)
        assert waiting.round.most_applications == 1
        waiting.round.most_applications = 2
        with pytest.raises(RoundFull):
            take_place(waiting, at=grants.WHILE_OPEN)


def test_rounds_that_overlap_are_told_of_in_words_and_not_refused(cast, client):
    first = grants.open_round(cast)
    client.force_login(cast["lead"])
    assert f"{first.reference} (open)" in client.get("/manage/programmes/diagcomm/schedule/").content.decode()
    assert "in some of the same time" not in client.get(first.get_absolute_url()).content.decode()
    second = grants.scheduled_round(
        cast, programme=first.programme, opens_at=grants.WHILE_OPEN, closes_at=grants.CLOSES + timedelta(days=9)
    )
    for mine, other in ((first, second), (second, first)):
        assert f"{other.reference} is open in some of the same time" in client.get(mine.get_absolute_url()).content.decode()
    all_of_it = Round.objects.order_by("pk")
    assert [one["said"][:8] for one in other_rounds.beside(all_of_it.all(), first, grants.WHILE_OPEN)] == ["Closes a"]
    rounds.cancel(round=second, reason=WHY, by=cast["lead"], at=grants.WHILE_OPEN)
    assert [one["reason"] for one in other_rounds.beside(all_of_it.all(), first, grants.WHILE_OPEN)] == [WHY], "until its deadline"
    assert other_rounds.beside(all_of_it.all(), first, second.closes_at) == []
    assert "in some of the same time" not in client.get(first.get_absolute_url()).content.decode()


def test_an_offer_that_binds_the_last_money_closes_the_round_and_still_writes_its_papers(cast, client):
    text = grants.document().replace("\nrounds:\n", "\nrounds:\n  close_when_committed: true\n", 1)
    opened = grants.open_round(cast, programme=grants.published(cast, text=text), closes_at=payments.OFFERED + timedelta(days=30))
    Budget.objects.filter(round=opened).update(amount_pence=26_000_00)
    award = payments.offered(cast, round=opened)
    drain(at=payments.OFFERED)
    assert Round.objects.get(pk=opened.pk).state == "closed"
    assert "What is left of the money would not make the smallest grant." in client.get("/programmes/diagcomm/").content.decode()
    assert award.papers.filter(file__isnull=False).exists()
