"""What can be done (permissions) and the named bundles of it that people hold (roles)."""

from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    """One thing a person may do; a step names exactly one."""

    # the applicant's side, held on a company
    COMPANY_VIEW = "company.view"
    COMPANY_EDIT = "company.edit"
    TEAM_MANAGE = "team.manage"
    APPLICATION_EDIT = "application.edit"
    APPLICATION_SUBMIT = "application.submit"
    AWARD_ACCEPT = "award.accept"
    BANK_ENTER = "bank.enter"
    CLAIM_EDIT = "claim.edit"
    CLAIM_SUBMIT = "claim.submit"
    REPORT_SUBMIT = "report.submit"
    # assessors and the panel
    ASSESSMENT_SCORE = "assessment.score"
    PANEL_RANK = "panel.rank"
    PANEL_CHAIR = "panel.chair"
    # staff, held on a programme
    PROGRAMME_VIEW = "programme.view"
    PROGRAMME_EDIT = "programme.edit"
    PROGRAMME_PUBLISH = "programme.publish"
    ROUND_MANAGE = "round.manage"
    APPLICATION_VIEW = "application.view"
    APPLICATION_SCREEN = "application.screen"
    APPLICATION_REINSTATE = "application.reinstate"
    APPLICATION_RULE_OUT = "application.rule_out"
    ASSESSMENT_ALLOCATE = "assessment.allocate"
    ASSESSMENT_MODERATE = "assessment.moderate"
    DECISION_PROPOSE = "decision.propose"
    DECISION_AGREE = "decision.agree"
    DECISION_APPROVE = "decision.approve"
    DECISION_NOTIFY = "decision.notify"
    AWARD_VIEW = "award.view"
    AWARD_CHECK = "award.check"
    AWARD_OFFER = "award.offer"
    AWARD_MANAGE = "award.manage"
    BANK_CHECK = "bank.check"
    BANK_VERIFY = "bank.verify"
    BANK_REVEAL = "bank.reveal"
    CLAIM_VIEW = "claim.view"
    CLAIM_CHECK = "claim.check"
    CLAIM_APPROVE = "claim.approve"
    PAYMENT_VIEW = "payment.view"
    PAYMENT_HOLD = "payment.hold"
    RUN_BUILD = "run.build"
    RUN_APPROVE = "run.approve"
    RUN_RELEASE = "run.release"
    STATEMENT_IMPORT = "statement.import"
    REPORT_ACCEPT = "report.accept"
    RECORDS_HOLD = "records.hold"
    RECORDS_ERASE = "records.erase"
    # onlookers
    FIGURES_VIEW = "figures.view"
    AUDIT_VIEW = "audit.view"
    # accounts
    PERSON_MANAGE = "person.manage"
    ROLE_GRANT = "role.grant"
    ROLE_CONFIRM = "role.confirm"
    KEY_MANAGE = "key.manage"
    # the machine
    SYSTEM_STEP = "system.step"


P = Permission

COMPANY_SIDE = frozenset({
    P.COMPANY_VIEW, P.COMPANY_EDIT, P.TEAM_MANAGE, P.APPLICATION_EDIT, P.APPLICATION_SUBMIT, P.AWARD_ACCEPT,
    P.BANK_ENTER, P.CLAIM_EDIT, P.CLAIM_SUBMIT, P.REPORT_SUBMIT,
})  # fmt: skip
"""What a company's own people do. Nobody uses any other permission on their own company."""

STAFF_VIEW = frozenset({P.PROGRAMME_VIEW, P.COMPANY_VIEW, P.APPLICATION_VIEW, P.AWARD_VIEW, P.CLAIM_VIEW, P.PAYMENT_VIEW, P.FIGURES_VIEW})


class Role(models.TextChoices):
    """The parts people play. Held on a company (first four), elsewhere on a programme, a funder or the site."""

    OWNER = "owner", "Owner"
    MEMBER = "member", "Team member"
    FINANCE_CONTACT = "finance_contact", "Finance contact"
    SIGNATORY = "signatory", "Authorised signatory"
    ASSESSOR = "assessor", "Assessor"
    PANEL_MEMBER = "panel_member", "Panel member"
    CHAIR = "chair", "Panel chair"
    OFFICER = "officer", "Programme officer"
    LEAD = "lead", "Programme lead"
    MONITOR = "monitor", "Monitoring officer"
    FINANCE = "finance", "Finance officer"
    INDEPENDENT_APPROVER = "independent_approver", "Independent approver"
    FUNDER = "funder", "Funder"
    AUDITOR = "auditor", "Auditor"
    ADMIN = "admin", "Administrator"
    SYSTEM = "system", "The system"


HOLDS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset({
        P.COMPANY_VIEW, P.COMPANY_EDIT, P.TEAM_MANAGE, P.APPLICATION_EDIT, P.APPLICATION_SUBMIT, P.BANK_ENTER, P.CLAIM_EDIT,
        P.CLAIM_SUBMIT, P.REPORT_SUBMIT,
    }),
    Role.MEMBER: frozenset({P.COMPANY_VIEW, P.APPLICATION_EDIT, P.CLAIM_EDIT}),
    Role.FINANCE_CONTACT: frozenset({P.COMPANY_VIEW, P.BANK_ENTER, P.CLAIM_EDIT, P.CLAIM_SUBMIT, P.REPORT_SUBMIT}),
    Role.SIGNATORY: frozenset({P.COMPANY_VIEW, P.APPLICATION_EDIT, P.APPLICATION_SUBMIT, P.AWARD_ACCEPT, P.CLAIM_SUBMIT, P.REPORT_SUBMIT}),
    Role.ASSESSOR: frozenset({P.ASSESSMENT_SCORE}),
    Role.PANEL_MEMBER: frozenset({P.PANEL_RANK}),
    Role.CHAIR: frozenset({P.PANEL_RANK, P.PANEL_CHAIR, P.DECISION_AGREE}),
    Role.OFFICER: STAFF_VIEW | {
        P.PROGRAMME_EDIT, P.ROUND_MANAGE, P.APPLICATION_SCREEN, P.ASSESSMENT_ALLOCATE, P.ASSESSMENT_MODERATE, P.DECISION_PROPOSE,
        P.DECISION_NOTIFY, P.AWARD_CHECK, P.AWARD_OFFER, P.AWARD_MANAGE, P.BANK_CHECK, P.BANK_REVEAL, P.CLAIM_CHECK,
        P.PAYMENT_HOLD, P.RUN_BUILD, P.STATEMENT_IMPORT, P.REPORT_ACCEPT, P.RECORDS_HOLD,
    },
    Role.LEAD: STAFF_VIEW | {
        P.PROGRAMME_EDIT, P.PROGRAMME_PUBLISH, P.ROUND_MANAGE, P.APPLICATION_SCREEN, P.APPLICATION_REINSTATE, P.APPLICATION_RULE_OUT,
        P.ASSESSMENT_ALLOCATE, P.ASSESSMENT_MODERATE, P.DECISION_PROPOSE, P.DECISION_AGREE, P.DECISION_APPROVE, P.DECISION_NOTIFY,
        P.AWARD_CHECK, P.AWARD_OFFER, P.AWARD_MANAGE, P.BANK_VERIFY, P.BANK_REVEAL, P.CLAIM_APPROVE, P.PAYMENT_HOLD, P.RUN_APPROVE,
        P.REPORT_ACCEPT, P.ROLE_GRANT, P.RECORDS_HOLD, P.RECORDS_ERASE,
    },
    Role.MONITOR: STAFF_VIEW | {P.CLAIM_CHECK, P.REPORT_ACCEPT, P.AWARD_CHECK},
    Role.FINANCE: STAFF_VIEW | {
        P.BANK_CHECK, P.BANK_VERIFY, P.BANK_REVEAL, P.CLAIM_APPROVE, P.PAYMENT_HOLD, P.RUN_BUILD, P.RUN_APPROVE, P.STATEMENT_IMPORT,
    },
    Role.INDEPENDENT_APPROVER: STAFF_VIEW | {
        P.DECISION_AGREE, P.RUN_APPROVE, P.RUN_RELEASE, P.PAYMENT_HOLD, P.APPLICATION_REINSTATE, P.ROLE_CONFIRM, P.RECORDS_HOLD,
        P.RECORDS_ERASE,
    },
    Role.FUNDER: frozenset({P.FIGURES_VIEW}),
    Role.AUDITOR: STAFF_VIEW | {P.AUDIT_VIEW},
    Role.ADMIN: frozenset({P.PERSON_MANAGE, P.ROLE_GRANT, P.KEY_MANAGE}),
    Role.SYSTEM: frozenset({P.SYSTEM_STEP}),
}  # fmt: skip

COMPANY_ROLES = frozenset({Role.OWNER, Role.MEMBER, Role.FINANCE_CONTACT, Role.SIGNATORY})
SECOND_FACTOR_ROLES = frozenset(set(Role) - COMPANY_ROLES - {Role.SYSTEM})
"""Roles that need a second factor at sign-in: staff, finance, assessors (they write scores) and funders."""
