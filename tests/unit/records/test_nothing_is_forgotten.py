"""Whatever holds words about an application is named in `records.erasing`, or here with the reason why it stays."""

from django.apps import apps
from django.db import models

from applications.models import Application
from records import erasing

LONG = 100
"""Characters from which on a column may hold words rather than a code."""
STAYS = {
    "payments.BankAccount": "a company's: struck out with its last application",
    "payments.PaymentRun": "the bank's file: goes with the last application that it pays",
    "payments.LedgerEntry": "the books",
    "payments.StatementLine": "the bank's own words, and the books",
    "assessments.Meeting": "minutes of several applications: go with the last of them",
    "records.LegalHold": "why records were kept",
    "records.Erasure": "the proof of what went",
    "assessments.Moderation.results": "figures",
    "assessments.Moderation.earlier": "emptied: it is a list of reasons",
    "assessments.Decision.basis": "figures and hashes that the decision rests on",
    "payments.OutcomeReport.asks": "ids of indicators",
    "payments.OutcomeReport.values": "numbers",
    "payments.AwardCheck.name": "what the programme asks to be checked",
}


def about_applications() -> set[type[models.Model]]:
    """Application, and every model that points to one, however far around."""
    found: set[type[models.Model]] = {Application}
    while True:
        more = {
            model
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in found and model not in found
        }
        if not more:
            return found
        found |= more


def wordy(model: type[models.Model]) -> set[str]:
    """Columns that may hold somebody's words."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, (models.TextField, models.JSONField))
        or (isinstance(field, models.CharField) and (field.max_length or 0) >= LONG and not field.choices and not field.is_relation)
    }


def test_every_column_with_words_goes_or_has_its_reason():
    goes = {rows.model for rows in erasing.ROWS}
    struck: dict[type[models.Model], set[str]] = {}
    for words in (*erasing.WORDS, erasing.UNPUBLISHED):
        struck.setdefault(words.model, set()).update(words.columns)
    forgotten = {
        f"{model._meta.label}.{column}"
        for model in about_applications() - goes
        for column in wordy(model) - struck.get(model, set())
        if model._meta.label not in STAYS and f"{model._meta.label}.{column}" not in STAYS
    }
    assert forgotten == set()
