"""Programmes, the versions of the document that defines each, their rounds and the money of a round."""

from grants.models.alerts import OpeningAlert
from grants.models.copies import KeptAsCopied
from grants.models.oversight import RequirementNote
from grants.models.programmes import DocumentText, ExampleCompany, Programme, ProgrammeQuerySet, ProgrammeVersion, SectionTask
from grants.models.rehearsals import Rehearsal
from grants.models.rounds import Budget, Correction, Round, RoundChange, RoundQuerySet

__all__ = [
    "Budget",
    "Correction",
    "DocumentText",
    "ExampleCompany",
    "KeptAsCopied",
    "OpeningAlert",
    "Programme",
    "ProgrammeQuerySet",
    "ProgrammeVersion",
    "Rehearsal",
    "RequirementNote",
    "Round",
    "RoundChange",
    "RoundQuerySet",
    "SectionTask",
]
