"""What happened, in a plain sentence, for every kind of audit event.

A phrase follows the name of who did it: "Olive Officer" + "cleared the referral". `{name}` is a value the event holds, written for people;
what stands in square brackets is left out when a value in it is missing. A test asks for a phrase for every kind that is recorded.
"""

import re
from collections.abc import Mapping

OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
PLACE = re.compile(r"\{(\w+)\}")

PHRASES: dict[str, str] = {
    # programmes and rounds
    "programme.created": "created the programme[ “{slug}”]",
    "programme.publish": "published the programme",
    "programme.start_monitoring": "moved the programme to monitoring",
    "programme.resume": "took the programme up again",
    "programme.archive": "archived the programme",
    "programmeversion.drafted": "wrote version {number} of the programme",
    "programmeversion.prepare": "put a version[ ({number})] forward for publication",
    "programmeversion.send_back": "sent a version back to be changed",
    "programmeversion.publish": "published a version[ ({number})] of the programme",
    "programmeversion.set_aside": "set a version aside",
    "round.scheduled": "scheduled a round",
    "round.rescheduled": "changed the dates of a round",
    "round.budget_set": "set the budget of a round[ to {amount_pence}]",
    "round.open_on_time": "opened the round at its time",
    "round.open": "opened the round",
    "round.pause": "paused the round",
    "round.resume": "opened the round again after a pause",
    "round.close_on_time": "closed the round at its deadline",
    "round.close": "closed the round",
    "round.close_early": "closed the round before its deadline",
    "round.decide": "marked the round as decided",
    "round.announce": "announced the results of the round",
    "round.cancel": "cancelled the round",
    # companies and their people
    "company.registered": "registered the company",
    "company.changed": "changed the company’s details[: {changed}]",
    "company.award_declared": "declared an earlier award[ of {amount_pence}, given on {given_on}]",
    "company.award_removed": "removed a declared award[ of {before_amount_pence}]",
    "team.added": "added {person} to the team[ as {role}]",
    "team.removed": "removed {before_person} from the team[, who was {before_role}]",
    # applications
    "application.started": "started an application[ to round {round}]",
    "application.declared": "signed the declaration",
    "application.extended": "extended the deadline for this application[ to {until}]",
    "answer.saved": "saved answers[: {revisions_names}]",
    "document.attached": "attached a document[ to “{question}”]",
    "document.removed": "removed a document[ from “{before_question}”]",
    "application.submit": "submitted the application[, asking for {grant_requested_pence}]",
    "application.screen": "screened the application: {state}",
    "application.reopen": "reopened the application to change it",
    "application.withdraw": "withdrew the application",
    "application.clear_referral": "cleared the referral",
    "application.refuse_referral": "refused the application as ineligible",
    "application.reinstate": "reinstated the application",
    "application.start_assessing": "sent the application to assessors",
    "application.start_moderating": "started moderation",
    "application.start_panel": "sent the application to the panel",
    "application.start_deciding": "sent the application for a decision",
    "application.propose": "proposed a decision[: {proposed_outcome}][, {proposed_amount_pence}]",
    "application.approve": "approved the application[ for {decided_amount_pence}]",
    "application.put_on_reserve": "put the application on the reserve list",
    "application.decline": "declined the application",
    "application.send_back": "sent the proposed decision back",
    "application.notify": "told the company of the decision: {state}",
    "application.ask_ruling_out": "asked for the application to be ruled out",
    "application.rule_out": "ruled the application out",
    # assessment
    "assessor.described": "described an assessor’s part in the pool",
    "assessment.invited": "invited {assessor} to assess[, by {due_at}]",
    "assessment.accept": "accepted to assess, with no conflict of interest",
    "assessment.decline": "declined to assess",
    "assessment.declare_conflict": "declared a conflict of interest",
    "assessment.submit": "submitted a review",
    "assessment.return_to_assessor": "returned a review for correction",
    "assessment.withdraw": "withdrew the invitation to assess",
    "conflict.found": "found a possible conflict of interest[ of {person}]",
    "conflict.confirmed": "confirmed a conflict of interest[ of {person}]",
    "conflict.dismissed": "dismissed a possible conflict of interest[ of {person}]",
    "conflict.suggested": "suggested a conflict of interest[ of {person}]",
    "moderation.opened": "opened a moderation item[: {trigger}]",
    "moderation.keep": "kept the score",
    "moderation.ask_for_extra": "asked for another assessor",
    "moderation.propose_exclusion": "proposed to exclude a score",
    "moderation.confirm_exclusion": "confirmed that a score is excluded",
    "moderation.refuse_exclusion": "refused to exclude a score",
    # awards
    "award.drafted": "drafted the award[ of {amount_pence}]",
    "award.start_checking": "started the checks before an offer",
    "award.checked": "recorded a check of the award[, {check}][: {result}]",
    "award.conditions_met": "recorded that the conditions are met",
    "award.subsidy_notified": "notified the company of the subsidy[ of {amount_pence}]",
    "award.subsidy_confirmed": "confirmed earlier subsidies[ of {other_pence}]",
    "award.clear": "cleared the award to be offered",
    "award.offer": "made the offer[ of {amount_pence}][, open until {offer_until}]",
    "award.accept": "accepted the offer",
    "award.refuse": "refused the offer",
    "award.lapse": "let the offer lapse",
    "award.rescind": "rescinded the award",
    "award.go_live": "set the award live",
    "award.suspend": "suspended the award",
    "award.resume": "lifted the suspension of the award",
    "award.complete": "completed the award",
    "award.close": "closed the award",
    "milestone.fall_due": "noted that a milestone fell due",
    "milestone.claim": "marked a milestone as claimed",
    "milestone.unclaim": "marked a milestone as due again",
    "milestone.judge": "judged a milestone: {state}",
    "outcomereport.fall_overdue": "noted that an outcome report is overdue",
    "outcomereport.submit": "submitted an outcome report",
    "outcomereport.accept": "accepted an outcome report",
    "outcomereport.return_to_company": "returned an outcome report to the company",
    # claims
    "claim.started": "started claim {number}[ for milestone {milestone}]",
    "claim.described": "described the work claimed for",
    "claim.line_added": "added a line to the claim[: {claimed_pence}]",
    "claim.line_changed": "changed a line of the claim[ to {claimed_pence}]",
    "claim.line_removed": "removed a line from the claim",
    "claim.line_decided": "decided a line of the claim[: {accepted_pence}]",
    "claim.evidence_attached": "attached evidence to the claim",
    "claim.evidence_removed": "removed evidence from the claim",
    "claim.question_written": "wrote a question on the claim",
    "claim.question_answered": "answered a question on the claim",
    "claim.question_closed": "closed a question on the claim",
    "claim.submit": "submitted the claim[ for {claimed_pence}]",
    "claim.start_checking": "started to check the claim",
    "claim.query": "sent questions on the claim to the company",
    "claim.answer": "sent the answers to the questions",
    "claim.recommend": "recommended the claim[ for {recommended_pence}]",
    "claim.approve": "approved the claim[ for {approved_pence}]",
    "claim.send_back": "sent the claim back to be checked",
    "claim.return_to_company": "returned the claim to the company",
    "claim.reopen": "reopened the claim to correct it",
    "claim.reject": "rejected the claim",
    "claim.withdraw": "withdrew the claim",
    "claim.pay": "marked the claim as paid",
    "claim.revoke": "took the approval of the claim back",
    "claim.unpay": "noted that the money for the claim came back",
    # bank details and payments
    "bankaccount.enter": "entered bank details[ ending {last4}]",
    "bankaccount.call_back": "recorded the call-back on bank details",
    "bankaccount.verify": "verified the bank details",
    "bankaccount.supersede": "replaced the bank details by newer ones",
    "bankaccount.set_aside": "set the bank details aside",
    "bank_account.revealed": "looked at the full bank details",
    "sort_code_weights.loaded": "loaded the weights that account numbers are checked with[: release {release}][, from {effective_on}]",
    "paying_account.set": "set the account that payments are made from[, ending {last4}]",
    "payment.hold": "held the payment",
    "payment.lift": "lifted the hold on the payment",
    "payment.pick": "picked the payment for a run",
    "payment.drop": "took the payment out of the run",
    "payment.release": "released the payment",
    "payment.settle": "noted that the payment arrived[: {amount_pence}]",
    "payment.fail": "recorded that the payment failed",
    "payment.come_back": "noted that the payment came back",
    "payment.retry": "set the payment to be paid again",
    "payment.cancel": "cancelled the payment",
    "paymentrun.build": "built the payment run[: {count} payments, {total_pence}]",
    "paymentrun.approve": "approved the payment run",
    "paymentrun.release": "released the payment run",
    "paymentrun.reconcile": "reconciled the payment run",
    "paymentrun.void": "voided the payment run",
    "paymentrun.file_taken": "took the bank file of the payment run",
    "statement.imported": "imported a bank statement[: {new} new of {lines} lines]",
    # people, roles and keys
    "person.signed_up": "signed up",
    "person.signed_in": "signed in",
    "person.sign_in_failed": "tried to sign in and failed",
    "person.signed_out": "signed out",
    "person.signed_out_everywhere": "signed out everywhere else[, ending {sessions} sessions]",
    "person.email_confirmed": "confirmed an email address",
    "person.email_changed": "changed the email address",
    "person.password_set": "set a password",
    "person.password_changed": "changed the password",
    "person.password_reset": "reset the password",
    "person.second_factor_added": "added a second factor",
    "person.second_factor_removed": "removed a second factor",
    "person.recovery_codes_renewed": "renewed the recovery codes",
    "person.closed": "closed the account",
    "person.reopened": "reopened the account",
    "invitation.sent": "sent an invitation[ to be {role}]",
    "invitation.sent_again": "sent an invitation again",
    "invitation.accepted": "accepted an invitation[ to be {role}]",
    "invitation.withdrawn": "withdrew an invitation",
    "role.proposed": "proposed a role[: {role}][ for {person}]",
    "role.confirmed": "confirmed a role[: {role}][ for {person}]",
    "role.refused": "refused a role[: {role}][ for {person}]",
    "role.given": "gave a role[: {role}][ to {person}]",
    "role.ended": "ended a role[: {role}][ of {person}]",
    "api_key.created": "asked for an API key",
    "api_key.confirmed": "confirmed an API key",
    "api_key.refused": "refused an API key",
    "api_key.revoked": "revoked an API key",
    # the trail and the installation
    "export.rows": "exported rows[: {rows}]",
    "export.trail": "exported the trail[ of {stream}]",
    "trail.verified": "verified the trail[ of {stream}]: {result}",
    "personal.erased": "erased {values} personal values",
    "sample.cast_seeded": "added the sample people",
}


def is_known(kind: str) -> bool:
    """Whether the kind has a phrase of its own."""
    return kind in PHRASES


def sentence(kind: str, *, who: str, values: Mapping[str, str]) -> str:
    """Who did what, without a full stop. A kind nobody wrote a phrase for is told by its name."""
    phrase = PHRASES.get(kind)
    if phrase is None:
        return f"{who}: {kind.replace('.', ', ').replace('_', ' ')}"
    return f"{who} {_filled(phrase, values)}"


def _filled(phrase: str, values: Mapping[str, str]) -> str:
    def piece(found: re.Match[str]) -> str:
        text = found.group(1)
        return text if all(values.get(name) for name in PLACE.findall(text)) else ""

    return PLACE.sub(lambda found: values.get(found.group(1)) or "not given", OPTIONAL.sub(piece, phrase))
