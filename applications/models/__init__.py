"""Companies and their people's applications: what they wrote, what they sent in, and what the rules made of it."""

from applications.models.answers import Answer, AnswerRevision
from applications.models.appeals import Appeal
from applications.models.applications import Application, EligibilityOutcome, Receipt, SubmittedPaper
from applications.models.changes import ChangeRequest
from applications.models.companies import Company, PreviousAward, RelatedEnterprise
from applications.models.documents import Document
from applications.models.equality import EqualityAnswer, EqualityReport
from applications.models.messages import Message
from applications.models.registers import PostcodePlace, RegisterEntry
from applications.models.scanned import Scanned
from applications.models.teamwork import Assignment, AssistedAnswer
from applications.models.uploading import Piece, Uploading

__all__ = [
    "Answer",
    "AnswerRevision",
    "Appeal",
    "Application",
    "Assignment",
    "AssistedAnswer",
    "ChangeRequest",
    "Company",
    "Document",
    "EligibilityOutcome",
    "EqualityAnswer",
    "EqualityReport",
    "Message",
    "Piece",
    "PostcodePlace",
    "PreviousAward",
    "Receipt",
    "RegisterEntry",
    "RelatedEnterprise",
    "Scanned",
    "SubmittedPaper",
    "Uploading",
]
