"""A programme as a document: what it may say (the models), how it is read (loading), what must hold across it (checks)."""

from grants.definition.document import Definition
from grants.definition.loading import DocumentRefused, Problem, parse

__all__ = ["Definition", "DocumentRefused", "Problem", "parse"]
