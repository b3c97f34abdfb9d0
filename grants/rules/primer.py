"""How rules are written, by examples: what the builder shows beside a rule, and the reference page in full."""

EXAMPLES: tuple[tuple[str, str], ...] = (
    ('company.size in ["micro", "small"]', "The company is micro or small."),
    ("application.grant_pence <= 4000000", "At most £40,000 is asked for. Money is in pence."),
    ("application.months <= 12", "The project lasts at most twelve months."),
    ('company.area == "in" || company.age_months >= 24', "It is in the area, or at least two years old: || is “or”, && is “and”."),
    ("!answers.has_started", "The question with the short name has_started is answered with no: ! is “not”."),
    ('answers.product_use != "none"', "Anything is chosen but the option with the short name none."),
    ('"nhs" in answers.buyers', "The option nhs is among those chosen."),
    ("answers.sites.all(site, site.beds > 10)", "Every row of the group sites has more than ten beds; exists asks for at least one."),
)
"""Expressions over the names there are, with what each says."""
