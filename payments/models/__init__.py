"""What follows a decision: awards, milestones, claims, bank accounts, payments, and the ledger that adds it all up."""

from payments.models.awards import Award, AwardCheck, AwardPaper, Milestone, SubsidyNotice
from payments.models.bank import BankAccount, PayingAccount
from payments.models.claims import Claim, ClaimLine, ClaimQuery, Evidence
from payments.models.files import PaperFile, PaymentAdvice
from payments.models.ledger import LedgerEntry
from payments.models.recoveries import Recovery
from payments.models.reports import OutcomeReport
from payments.models.runs import Payment, PaymentRun
from payments.models.statements import Statement, StatementLine
from payments.models.weights import SortCodeWeights

__all__ = [
    "Award",
    "AwardCheck",
    "AwardPaper",
    "BankAccount",
    "Claim",
    "ClaimLine",
    "ClaimQuery",
    "Evidence",
    "LedgerEntry",
    "Milestone",
    "OutcomeReport",
    "PaperFile",
    "PayingAccount",
    "Payment",
    "PaymentAdvice",
    "PaymentRun",
    "Recovery",
    "SortCodeWeights",
    "Statement",
    "StatementLine",
    "SubsidyNotice",
]
