"""What a programme tells people about their data: from its document, and from what the service does."""

from typing import Any

from grants.definition import Definition

BASES = {
    "public_task": "a task in the public interest (UK GDPR article 6(1)(e))",
    "legitimate_interests": "our legitimate interest in giving this money fairly and to whom it is meant for (UK GDPR article 6(1)(f))",
}


def notice(definition: Definition) -> dict[str, Any]:
    """The parts of the notice, in sentences."""
    parties, keep = definition.parties, definition.retention
    basis = BASES[parties.data_basis]
    return {
        "controller": parties.data_controller or parties.delivery_body,
        "contact": parties.data_contact or parties.contact_email or "",
        "bases": [
            f"Applications, assessment and the prevention of fraud: {basis}.",
            "Agreements, claims and payments: the contract with your company (article 6(1)(b)).",
            "Accounts and the records of subsidies: the law asks for them (article 6(1)(c)).",
        ],
        "held": [
            "Your name, email address, the part you play in a company, and when you signed in.",
            "What you write in an application, with who wrote it and when, and the files you attach.",
            "What assessors and staff wrote about the application. Assessors are not named to applicants; their comments are fed back.",
            "If you choose to answer: four equality questions, kept apart from your application and your name.",
            "For companies that are paid: bank details, encrypted.",
            "If you ask to be told when the programme opens: your email address, encrypted, until you stop it.",
        ],
        "readers": [part for part in (parties.delivery_body, parties.funder, "the programme’s assessors", "auditors") if part],
        "kept": [
            f"Applications that are not funded: {_years(keep.unsuccessful_years)} after they are decided.",
            f"Awards: {_years(keep.awarded_years)} after the last payment.",
            f"Records of subsidies: {_years(keep.subsidy_years)}, as the law asks.",
            "After that words, files and names are erased by themselves, the night they are due, unless a dispute or inquiry needs them. "
            "Amounts, dates and what was decided stay, with the name of the company that applied.",
            "An account that nobody has used for two years goes with the last of its company’s records.",
            "The public title and summary of what was funded stay published.",
        ],
    }


def _years(number: int) -> str:
    return f"{number} year{'' if number == 1 else 's'}"
