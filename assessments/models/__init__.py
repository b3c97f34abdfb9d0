"""Who assesses, what they wrote, what was settled about it, and what was decided."""

from assessments.models.decisions import Decision, FewerReviews
from assessments.models.moderation import Moderation
from assessments.models.pool import AssessorProfile, Conflict
from assessments.models.reviews import Assessment, ReviewPaper, Score

__all__ = ["Assessment", "AssessorProfile", "Conflict", "Decision", "FewerReviews", "Moderation", "ReviewPaper", "Score"]
