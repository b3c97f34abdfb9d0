"""Every route is sorted into an access class, and driven: by nobody, by a stranger, by somebody whose part it is, by colleagues
without the right, by an auditor who may change nothing, and with every kind of key.

Strangers are told nothing (404) or sent away (403), whatever the method; no GET changes anything.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.actions import invitations, keys
from accounts.models import Organisation, TimeAway
from applications.actions import uploading
from applications.models import Application
from assessments.models import Conflict, Meeting, Run
from audit import checkpoints
from audit.models import Event
from grants.actions import rehearsals
from grants.models import ProgrammeVersion
from grants.rehearsals.plan import Plan
from notifications.delivery import drain
from payments.models import Award, Evidence, Payment, Recovery, Statement
from tests.cast import everybody
from tests.stages import applications, assessments, payments
from tests.stages.keys import api_key
from workflow.models import StepTaken

pytestmark = pytest.mark.once  # who gets in is decided in Python; the pages' own tests try their queries on both databases

ROUTES: dict[str, str] = {
    "public": """
        grants:programmes grants:programme grants:privacy grants:dates grants:check grants:sample
        grants:alert grants:alert_confirm grants:alert_stop
        api-schema api-docs assessments:draw_script assessments:draw_record assessments:draw_index
        assessments:draw_record_file accounts:accept-invitation accessibility look
        """,
    "anybody signed in": """
        notifications:inbox notifications:mark_read notifications:preferences notifications:try-again accounts:home accounts:own-name
        accounts:own-invitation
        accounts:account accounts:second-factor accounts:sign-out-everywhere
        applications:look-up reporting:my_data records:data records:erase-account records:restrict records:lift-own
        applications:home applications:register applications:start payments:company_awards assessments:queue assessments:done
        assessments:rounds assessments:upload assessments:sheet assessments:membership assessments:times assessments:sign_agreement
        """,
    "company": """
        applications:group applications:leave-group applications:appeal applications:assign
        applications:give-back applications:hand-over applications:typed applications:begin-upload
        applications:upload-piece
        applications:changes applications:messages
        assessments:interview records:company applications:equality applications:equality-take-back
        applications:company applications:change-company applications:team applications:invitation applications:end-role
        applications:assistance
        applications:remove-assistance applications:status applications:form applications:section applications:check applications:sign
        applications:submit applications:receipt applications:answers applications:withdraw applications:reopen applications:document
        applications:receipt-pdf
        applications:paper-json
        applications:ask-review
        applications:save applications:here applications:history
        payments:company_award payments:company_subsidy payments:company_offer payments:company_refuse payments:company_bank
        payments:company_paper payments:company_paper_pdf payments:company_advice payments:company_claim_start payments:company_claim
        payments:company_line_add payments:company_line
        payments:company_line_remove payments:company_attach payments:company_evidence payments:company_evidence_remove
        payments:company_advance_start payments:company_claim_attach
        payments:company_submit payments:company_answer payments:company_withdraw payments:company_reopen payments:company_report
        """,
    "assessor": """
        assessments:declare assessments:review assessments:give_back assessments:document assessments:autosave assessments:others
        assessments:pack
        """,
    "staff": """
        grants:manage grants:load grants:round grants:extend grants:round_step grants:manage_programme grants:schedule grants:programme_step
        grants:version grants:document grants:version_step grants:clone grants:lineage
        grants:draft grants:draft_section grants:draft_owner grants:draft_ready grants:draft_part grants:draft_new grants:draft_move
        grants:draft_remove grants:draft_rename grants:draft_text grants:draft_rules grants:draft_forget grants:draft_public
        grants:rehearsals grants:rehearsal grants:rehearsal_walk grants:rehearsal_delete
        grants:draft_assessor grants:draft_copied grants:places grants:round_dates
        manage_applications:preview grants:corrections grants:correction_step grants:compare
        reporting:case_history reporting:staffing reporting:requirements reporting:requirement
        reporting:away reporting:away_back reporting:intake
        manage_applications:equality records:due records:record records:hold records:lift records:ask records:answer
        assessments:overview
        assessments:allocation assessments:assessor assessments:conflicts assessments:judge_conflict
        assessments:begin_search assessments:search
        assessments:selection assessments:scenario assessments:attest_induction assessments:statement
        assessments:statement_file assessments:payments assessments:payments_file
        assessments:freeze_scenario assessments:draws assessments:draw
        assessments:plans assessments:plan assessments:plan_item assessments:plan_send
        assessments:meetings assessments:meeting assessments:meeting_act
        assessments:meeting_item assessments:meeting_paper assessments:meeting_document assessments:reserve assessments:promote
        assessments:feedback_letters assessments:feedback_letter assessments:release_feedback
        assessments:letters assessments:advice assessments:declare_own assessments:calibrate
        assessments:ranking assessments:keep_ranking assessments:runs assessments:run assessments:figures assessments:work_out_figures
        assessments:moderation assessments:moderate_all assessments:settle assessments:decisions
        assessments:decide_all assessments:application assessments:invite assessments:act_on_review assessments:moderate
        assessments:propose assessments:decide payments:awards payments:award payments:award_check payments:award_notify_subsidy
        payments:award_offer payments:award_conditions payments:award_paper payments:award_paper_pdf
        payments:award_report payments:award_report_step payments:recovery payments:recovery_ask payments:recovery_step
        payments:award_step manage_applications:queue manage_applications:extend manage_applications:detail manage_applications:step
        manage_applications:place manage_applications:appeal-step manage_applications:find-to-assist manage_applications:assist
        manage_applications:ask-changes manage_applications:messages
        """,
    "finance": """
        payments:finance payments:claims payments:claim payments:claim_recommend payments:claim_decide payments:claim_ask
        payments:claim_ask_whole
        payments:claim_step payments:evidence payments:bank payments:bank_account payments:bank_reveal payments:bank_step
        payments:payments payments:payment payments:payment_step payments:runs payments:run payments:run_file payments:run_step
        payments:statements payments:statement payments:paying_account
        """,
    "funder": """
        reporting:programmes reporting:figures reporting:rows reporting:download
        """,
    "auditor": """
        reporting:audit reporting:audit_verify_all reporting:audit_checkpoints reporting:audit_checkpoint reporting:audit_stream
        reporting:audit_verify reporting:audit_export reporting:audit_event
        """,
    "admin": """
        accounts:people accounts:person accounts:correct-person records:restrictions records:lift-restriction
        accounts:close-person accounts:reopen-person accounts:grant accounts:confirm-grant
        accounts:refuse-grant accounts:end-role accounts:invite accounts:resend-invitation accounts:withdraw-invitation
        accounts:organisations accounts:dress-organisation accounts:keys accounts:create-key accounts:confirm-key accounts:revoke-key
        """,
    "api key": """
        programme-list programme-detail round-list round-detail application-list application-detail award-list award-detail
        claim-list claim-detail payment-list payment-detail
        """,
    "demo": """
        demo:cast demo:sign-in demo:outbox components demo/errors/<int:status>/
        """,
    "sign-in": """
        account_login account_logout account_inactive account_signup account_reauthenticate account_email
        account_email_verification_sent account_change_password account_set_password account_reset_password
        account_confirm_login_code account_confirm_password_reset_code account_complete_password_reset
        account_password_reset_completed account_request_login_code mfa_index mfa_authenticate mfa_reauthenticate
        mfa_activate_totp mfa_deactivate_totp mfa_view_recovery_codes mfa_generate_recovery_codes mfa_download_recovery_codes
        mfa_list_webauthn mfa_add_webauthn mfa_reauthenticate_webauthn mfa_remove_webauthn mfa_edit_webauthn mfa_login_webauthn
        usersessions_list
        """,
}
"""Access class → its routes. The demo's are there in demo mode only; sign-in is allauth's own, and tested in test_signing_in."""

FITTING = {"company": "applicant", "assessor": "assessor-1", "staff": "officer", "finance": "finance", "funder": "funder",
           "auditor": "auditor", "admin": "admin", "anybody signed in": "stranger"}  # fmt: skip
"""Who of the cast is driven through a class."""
FITTING_HERE: dict[str, str] = {"payments:paying_account": "lead"}
"""Routes of a class that belong to somebody else in it."""
COLLEAGUES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    # a member of the company's team
    ("colleague", "payments:company_offer", {}),
    ("colleague", "payments:company_refuse", {"note": "No."}),
    ("colleague", "payments:company_bank", {"name": "Sample Ltd", "sort_code": "200000", "account_number": "55779911"}),
    ("colleague", "payments:company_withdraw", {}),
    ("colleague", "payments:company_submit", {"declaration": "on"}),
    ("colleague", "applications:withdraw", {}),
    ("colleague", "applications:team", {"email": "new@example.com", "role": "member"}),
    ("applicant", "payments:company_offer", {}),
    # staff of the programme
    ("monitor", "payments:award_offer", {}),
    ("monitor", "payments:award_step", {"note": "Why."}),
    ("monitor", "payments:bank_reveal", {"reason": "To look."}),
    ("monitor", "payments:bank_step", {}),
    ("monitor", "payments:payment_step", {"note": "Why."}),
    ("monitor", "payments:run_file", {}),
    ("monitor", "payments:claim_step", {}),
    ("monitor", "manage_applications:step", {"note": "Why."}),
    ("monitor", "assessments:propose", {"outcome": "decline", "amount_pence": "0", "reason": "Why."}),
    ("officer", "payments:bank_step", {}),
    ("officer", "payments:claim_step", {}),
    ("officer", "payments:run_step", {}),
    ("officer", "payments:paying_account", {"name": "Mine", "sort_code": "200000", "account_number": "55779911"}),
    ("lead", "payments:claim_decide", {"outcome": "accepted"}),
    ("lead", "payments:run_file", {}),
    ("finance", "payments:award_step", {"note": "Why."}),
    ("finance", "payments:award_offer", {}),
    ("finance", "manage_applications:step", {"note": "Why."}),
    ("independent-approver", "payments:bank_reveal", {"reason": "To look."}),
    ("independent-approver", "payments:claim_step", {}),
    ("independent-approver", "payments:award_step", {"note": "Why."}),
    ("independent-approver", "payments:recovery_step", {"note": "Why."}),
    ("monitor", "payments:recovery_ask", {}),
)
"""Who sees a record and may not do this to it: always 403, however well the form is filled in."""
KEY_ANSWERS = {"right": 200, "test": 403, "write only": 403, "revoked": 401, "expired": 401, "unconfirmed": 401}
PEOPLE = {*FITTING.values(), *FITTING_HERE.values(), *(who for who, _, _ in COLLEAGUES), "auditor"}
OF_ONESELF = {"assessments:declare_own"}
"""What anybody who can read an application does for themselves."""
OPEN_BEFORE_SIGN_IN = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_email_verification_sent", "account_reset_password",
    "account_confirm_login_code", "account_confirm_password_reset_code", "account_complete_password_reset",
    "account_password_reset_completed", "account_request_login_code", "mfa_authenticate", "mfa_login_webauthn",
}  # fmt: skip
"""allauth's pages for people who are not signed in yet."""
REFUSED = (403, 404)
ANSWERED = (200, 302, 405, 409)
"""409: the part is theirs, and the record is past the moment for it."""


def sorted_routes() -> dict[str, str]:
    return {name: kind for kind, names in ROUTES.items() for name in names.split()}


def walk(resolver: Any, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield (f"{namespace}{entry.name}" if entry.name else path), entry
        else:
            yield from walk(entry, path, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)


def routes_of(*kinds: str) -> list[str]:
    return [name for name, kind in sorted_routes().items() if kind in kinds]


def test_every_route_is_sorted_once():
    names = [name for names in ROUTES.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert not {name for name, _ in walk(get_resolver())} - set(names), "sort the new route into an access class"


def test_no_entry_is_stale():
    gone = set(sorted_routes()) - {name for name, _ in walk(get_resolver())}
    assert gone <= (set() if settings.DEMO else set(routes_of("demo")))


def test_login_is_required_of_every_route_that_is_not_public():
    open_to_all = {name for name, entry in walk(get_resolver()) if not getattr(entry.callback, "login_required", True)}
    assert {name for name in open_to_all if sorted_routes()[name] not in {"sign-in", "demo"}} == set(routes_of("public", "api key"))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[dict[str, Any]]:
    """A grant paid and reported on, a second claim in draft, a second application in moderation and a third one being written."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = everybody()
        run = payments.settled(cast)
        drain(at=payments.SETTLED)
        award = Award.objects.get(pk=run.payments.get().award_id)
        written = applications.draft(cast, round=award.application.round)
        settling = assessments.moderating(cast, round=award.application.round)
        waiting = assessments.invited(cast, round=award.application.round)
        plan = assessments.planned(cast, applications.eligible(cast, round=award.application.round))
        scenario = assessments.scenario(cast, award.application.round)
        drawn = assessments.drawn(cast, scenario)
        claim = payments.claim_draft(cast, award=award, milestone=2)
        Recovery.objects.create(
            case=award.case, award=award, number=1, amount_pence=1_00, reason="Why.", due_on=payments.SETTLED.date(),
            created_at=payments.SETTLED, created_by=cast["officer"],
        )  # fmt: skip
        conflict = Conflict.objects.create(
            person=cast["assessor-4"], application=settling[0].application, kind=Conflict.Kind.FOUND, status=Conflict.Status.SUGGESTED,
            ground=Conflict.Ground.EMPLOYER, recorded_at=payments.SETTLED, recorded_by=cast["officer"],
        )  # fmt: skip
        signed = checkpoints.sign(at=payments.SETTLED)
        samples = Samples(cast, run, award, written, settling, waiting, plan, scenario, drawn, claim, conflict, signed)
        yield {"samples": samples, "clients": {who: signed_in(cast[who]) for who in PEOPLE}, "keys": of_every_kind(cast, award)}
        transaction.set_rollback(True)


def of_every_kind(cast: dict[str, Any], award: Award) -> dict[str, str]:
    """A key of each kind that a machine may come with, by what is the matter with it."""
    now, funder = timezone.now(), award.programme.funder
    other = Organisation.objects.create(name="Another Authority", kind=Organisation.Kind.FUNDER)
    people = {"issuer": cast["admin"], "confirmer": cast["independent-approver"]}
    given = {
        "right": api_key(organisation=funder, **people, at=now),
        "other funder's": api_key(organisation=other, **people, at=now),
        "write only": api_key(organisation=funder, **people, scopes=("write",), at=now),
        "revoked": api_key(organisation=funder, **people, at=now),
        "expired": api_key(organisation=funder, **people, at=now - timedelta(days=90)),
    }
    keys.revoke(key=given["revoked"][0], by=cast["admin"], at=now)
    about = {"organisation": funder, "name": "x", "scopes": ["read"], "by": cast["admin"], "at": now, "expires_at": now + timedelta(days=1)}
    given["unconfirmed"] = keys.create(**about)
    given["test"] = keys.create(**about | {"is_test": True, "at": now - timedelta(days=2)})
    keys.confirm(key=given["test"][0], by=cast["independent-approver"], at=now - timedelta(days=2))
    return {kind: secret for kind, (_, secret) in given.items()}


def signed_in(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


class Samples:
    """Real values for the parameters of every route."""

    def __init__(self, cast, run, award, written, settling, waiting, plan, scenario, drawn, claim, conflict, signed) -> None:
        application, round_ = award.application, award.application.round
        review = application.assessments.order_by("pk").first()
        version: ProgrammeVersion = round_.version
        TimeAway.objects.create(
            person=cast["officer"], first_on=localdate(), last_on=localdate() + timedelta(days=2),
            entered_at=payments.SETTLED, entered_by=cast["officer"],
        )  # fmt: skip
        whole = Plan(companies=1, opens_at=payments.SETTLED)
        rehearsed = rehearsals.request(version=version, plan=whole, by=cast["officer"], at=payments.SETTLED)
        sending = uploading.begin(
            application=written, question="letters", name="a.pdf", size=9, token="t", by=cast["applicant"], at=written.started_at
        ).uploading
        asked_in = invitations.invite(
            email=cast["stranger"].email, role="member", scope=written.company.organisation.scope, by=cast["applicant"], at=timezone.now()
        )
        self.by_route: dict[str, dict[str, Any]] = {
            "grants:round": {"reference": round_.reference},
            "grants:": {
                "reference": round_.reference, "slug": "diagcomm", "number": version.number, "step": "set_aside",
                "section": "criteria", "where": "criteria/0", "pk": 1, "other": version.number,
            },
            "grants:alert_": {"token": "unknown"},
            "grants:draft_new": {"where": "criteria"},
            "grants:rehearsal": {"slug": "diagcomm", "pk": rehearsed.pk},
            "reporting:case_history": {"reference": application.reference},
            "reporting:intake": {"reference": round_.reference},
            "reporting:audit_checkpoint": {"number": signed.pk},
            "reporting:": {
                "slug": "diagcomm", "name": "awards", "stream": application.case.stream, "sequence": 1, "number": 1,
                "pk": TimeAway.objects.get().pk,
            },
            "programme-detail": {"slug": "diagcomm"},
            "look": {"slug": "diagcomm"},
            "round-detail": {"reference": round_.reference},
            "application-detail": {"reference": application.reference},
            "award-detail": {"reference": award.reference},
            "claim-detail": {"pk": run.payments.get().claim_id},
            "payment-detail": {"pk": run.payments.get().pk},
            "accounts:accept-invitation": {"token": "unknown"},
            "accounts:": {"pk": cast["colleague"].pk},
            "accounts:own-invitation": {"pk": asked_in.pk},
            "assessments:declare": {"pk": waiting[0].pk},
            "assessments:give_back": {"pk": review.pk},
            "assessments:review": {"pk": review.pk},
            "assessments:document": {"pk": review.pk, "document": application.documents.order_by("pk").first().pk},
            "assessments:autosave": {"pk": review.pk},
            "assessments:others": {"pk": review.pk},
            "assessments:pack": {"pk": review.pk},
            "assessments:sheet": {"kind": "csv"},
            "assessments:interview": {"reference": application.reference},
            "assessments:meeting": {
                "pk": Meeting.objects.order_by("pk").first().pk, "application": application.reference,
                "document": application.documents.order_by("pk").first().pk,
            },
            "assessments:draw": {"pk": drawn.pk, "sha256": drawn.frozen_sha256},
            "assessments:run": {"pk": Run.objects.filter(kind="ranking").latest("pk").pk},
            "assessments:scenario": {"pk": scenario.pk},
            "assessments:freeze_scenario": {"pk": scenario.pk},
            "assessments:search": {"pk": Run.objects.searches().latest("pk").pk},
            "assessments:plan": {"pk": plan.pk, "application": Application.objects.get(state="eligible").reference},
            "assessments:": {
                "reference": round_.reference, "application": settling[0].application.reference, "person": cast["assessor-1"].pk,
                "conflict": conflict.pk, "item": settling[0].pk, "act": "withdraw", "pk": waiting[0].pk,
            },
            "payments:company_report": {"reference": award.reference, "pk": award.outcome_reports.first().pk},
            "payments:company_": {
                "reference": award.reference, "number": claim.number, "line": claim.lines.first().number, "pk": claim.evidence.first().pk,
                "milestone": 2, "kind": "agreement", "payment": run.payments.get().end_to_end,
            },
            "payments:award": {
                "reference": award.reference, "code": award.checks.first().code, "kind": "agreement", "name": "suspend",
                "pk": award.outcome_reports.first().pk,
            },
            "payments:recovery": {"reference": award.reference, "number": 1, "name": "cancel"},
            "payments:claim": {
                "reference": award.reference, "number": 1, "name": "approve", "line": run.payments.get().claim.lines.first().number,
            },
            "payments:evidence": {"pk": Evidence.objects.filter(claim=run.payments.get().claim).first().pk},
            "payments:bank": {"pk": run.payments.get().bank_account_id, "name": "verify"},
            "payments:payment": {"pk": Payment.objects.get().pk, "name": "hold"},
            "payments:run": {"reference": run.reference, "name": "approve"},
            "payments:statement": {"pk": Statement.objects.get().pk},
            "payments:paying_account": {"slug": "diagcomm"},
            "records:": {"reference": application.reference, "step": "erase", "pk": 1},
            "applications:receipt": {"reference": application.reference, "number": 1},
            "applications:paper-json": {"reference": application.reference, "number": 1},
            "applications:answers": {"reference": application.reference},
            "applications:status": {"reference": application.reference},
            "applications:": {
                "reference": written.reference, "pk": written.company_id, "assignment": 1, "award": 1, "round": round_.reference,
                "invitation": 1, "section": version.definition.form.sections[0].id, "question": "project_title",
            },
            "applications:upload-piece": {"reference": written.reference, "pk": sending.pk},
            "applications:leave-group": {"pk": written.company_id, "enterprise": 1},
            "applications:document": {"reference": written.reference, "pk": written.documents.order_by("pk").first().pk},
            "manage_applications:assist": {"reference": written.reference},
            "manage_applications:": {"slug": "diagcomm", "reference": application.reference, "appeal": 1, "step": "rule_out"},
        }  # fmt: skip

    def path(self, name: str) -> str:
        if name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
            return reverse(name, kwargs={"pk": 1})
        wanted = next(set(entry.pattern.converters) | _groups(entry) for known, entry in walk(get_resolver()) if known == name)
        fitting = [prefix for prefix in self.by_route if name.startswith(prefix)]
        values: dict[str, Any] = {}
        for prefix in sorted(fitting, key=len):
            values |= self.by_route[prefix]
        return reverse(name, kwargs={key: values[key] for key in wanted})


def _groups(entry: URLPattern) -> set[str]:
    regex = getattr(entry.pattern, "regex", None)
    return set(regex.groupindex) - {"format"} if regex else set()


OPENINGS = {
    "applications:document",
    "assessments:document",
    "assessments:meeting_document",
    "payments:evidence",
    "payments:company_evidence",
}
"""Opening somebody's paper changes nothing but the trail, which says who opened it."""


def traces() -> tuple[int, int]:
    return StepTaken.objects.count(), Event.objects.count()


driven = pytest.mark.django_db


@driven
@pytest.mark.parametrize("name", routes_of("public", "anybody signed in", *FITTING, "api key"))
def test_nobody_gets_no_further_than_the_door(world, name):
    kind, path = sorted_routes()[name], world["samples"].path(name)
    before = traces()
    answer = Client().get(path)
    if kind == "public":
        assert answer.status_code in (200, 302, 404 if "<str:token>" in str(get_resolver().resolve(path).route) else 200)
    elif kind == "api key":
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302, answer.status_code
        assert answer.url.startswith("/accounts/login/")
    assert traces() == before


@driven
@pytest.mark.parametrize("name", [name for kind in FITTING if kind != "anybody signed in" for name in routes_of(kind)])
def test_a_stranger_is_told_nothing_and_changes_nothing(world, name):
    path, before = world["samples"].path(name), traces()
    looked = world["clients"]["stranger"].get(path)
    assert looked.status_code in (*REFUSED, 405), looked.status_code
    posted = world["clients"]["stranger"].post(path, {"note": "Because.", "reason": "Because."})
    assert posted.status_code in (REFUSED if looked.status_code == 405 else (*REFUSED, 405)), posted.status_code
    assert traces() == before


@driven
@pytest.mark.parametrize("name", [name for kind in FITTING for name in routes_of(kind)])
def test_whose_part_it_is_gets_in_and_looking_changes_nothing(world, name):
    who = FITTING_HERE.get(name, FITTING[sorted_routes()[name]])
    before = traces()
    answer = world["clients"][who].get(world["samples"].path(name))
    if answer.streaming:
        assert b"".join(answer.streaming_content)  # read to its end, which closes the file
    assert answer.status_code in ANSWERED, answer.status_code
    assert traces() == ((before[0], before[1] + 1) if name in OPENINGS else before)


@driven
@pytest.mark.parametrize("name", routes_of("api key"))
def test_a_person_who_is_signed_in_has_no_key_to_the_api(world, name):
    assert world["clients"]["lead"].get(world["samples"].path(name)).status_code == 401


@driven
@pytest.mark.parametrize(("who", "name", "data"), COLLEAGUES)
def test_a_colleague_without_the_right_is_told_so(world, who, name, data):
    path, before = world["samples"].path(name), traces()
    answer = world["clients"][who].post(path, data)
    if answer.status_code == 405:
        answer = world["clients"][who].get(path)
    assert answer.status_code == 403, answer.status_code
    assert traces() == before


@driven
@pytest.mark.parametrize("name", [name for name in routes_of("company", "assessor", "staff", "finance", "admin") if name not in OF_ONESELF])
def test_an_auditor_changes_nothing_anywhere(world, name):
    path, before = world["samples"].path(name), traces()
    answer = world["clients"]["auditor"].post(path, {"note": "Because.", "reason": "Because."})
    assert answer.status_code in (200, 400, *REFUSED, 405, 409), answer.status_code
    assert traces() == before


@driven
@pytest.mark.parametrize("name", routes_of("api key"))
def test_every_kind_of_key_gets_what_is_its_own(world, name):
    path, before = world["samples"].path(name), traces()
    answers = {kind: Client().get(path, headers={"Authorization": f"Bearer {secret}"}) for kind, secret in world["keys"].items()}
    other = answers.pop("other funder's")
    assert {kind: answer.status_code for kind, answer in answers.items()} == KEY_ANSWERS
    assert answers["test"].json()["code"] == "key_is_for_tests"
    if name.endswith("-list"):
        assert (len(answers["right"].json()["data"]), other.json()["data"]) == (LISTED[name], [])
    else:
        assert other.status_code == 404
    assert {answer.headers["Content-Type"] for kind, answer in answers.items() if KEY_ANSWERS[kind] != 200} == {"application/problem+json"}
    for kind in ("right", "write only"):
        for method in ("post", "put", "patch", "delete"):
            tried = getattr(Client(), method)(path, headers={"Authorization": f"Bearer {world['keys'][kind]}"})
            assert tried.status_code == 405, (kind, method)
    assert traces() == before


LISTED = {"programme-list": 1, "round-list": 1, "application-list": 4, "award-list": 1, "claim-list": 1, "payment-list": 1}
"""How many of each the world has sent in."""


@driven
@pytest.mark.parametrize("name", routes_of("sign-in"))
def test_accounts_pages_open_to_whom_they_are_for(world, name):
    path, before = world["samples"].path(name), traces()
    nobody = Client(raise_request_exception=False).get(path)
    is_open = name in OPEN_BEFORE_SIGN_IN
    assert nobody.status_code in (200, 302, 403, 405), nobody.status_code
    if not is_open:
        assert nobody.status_code == 302
        assert nobody.url.startswith("/accounts/login/")
    known = world["clients"]["stranger"].get(path)
    assert known.status_code in (200, 302, 403, 404, 405), known.status_code
    assert traces() == before


@driven
@pytest.mark.parametrize("name", [name for name in routes_of("demo") if name.startswith("demo:")])
def test_the_demo_is_shut_where_it_is_not_a_demo(client, settings, name):
    settings.DEMO, settings.ROOT_URLCONF = False, "tests.demo_urls"
    assert client.get(reverse(name)).status_code in (404, 405)


@driven
def test_the_samples_are_real(world):
    assert Application.objects.count() == 5
