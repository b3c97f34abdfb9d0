"""Who assesses, what they wrote, what was settled about it, and what was decided."""

from assessments.models.decisions import Decision, FewerReviews
from assessments.models.draws import Draw
from assessments.models.feedback import FeedbackLetter
from assessments.models.meetings import Absence, AgendaItem, Meeting, MeetingMember
from assessments.models.moderation import Moderation
from assessments.models.pool import Advice, AssessorProfile, Conflict, InterestDeclaration
from assessments.models.reviews import Assessment, ReviewPaper, Score
from assessments.models.runs import PlanChange, Run

__all__ = [
    "Absence",
    "Advice",
    "AgendaItem",
    "Assessment",
    "AssessorProfile",
    "Conflict",
    "Decision",
    "Draw",
    "FeedbackLetter",
    "FewerReviews",
    "InterestDeclaration",
    "Meeting",
    "MeetingMember",
    "Moderation",
    "PlanChange",
    "ReviewPaper",
    "Run",
    "Score",
]
