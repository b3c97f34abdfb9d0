"""Who assesses, what they wrote, what was settled about it, and what was decided."""

from assessments.models.decisions import Decision, FewerReviews
from assessments.models.moderation import Moderation
from assessments.models.pool import Advice, AssessorProfile, Conflict, InterestDeclaration
from assessments.models.reviews import Assessment, ReviewPaper, Score

__all__ = [
    "Advice",
    "Assessment",
    "AssessorProfile",
    "Conflict",
    "Decision",
    "FewerReviews",
    "InterestDeclaration",
    "Moderation",
    "ReviewPaper",
    "Score",
]
