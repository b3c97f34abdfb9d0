"""Whether the costs and the grant asked for fit what the programme pays, as sentences."""

from applications.reading import Reading
from grants.money import format_pence, share_pence


def costs_problem(reading: Reading) -> str:
    """Which category is above its cap, or above its flat rate of another one; "" when none is."""
    costs = reading.facts["costs"]
    by_category, eligible = costs["by_category"], costs["eligible_pence"]
    categories = reading.definition.delivery.cost_categories
    titles = {category.id: category.title for category in categories}
    for category in categories:
        amount = by_category[category.id]
        if category.cap_percent is not None and amount > (most := share_pence(eligible, category.cap_percent)):
            return f"{category.title} may be at most {category.cap_percent:f} % of your eligible costs, which is {format_pence(most)}."
        if category.flat_rate and amount > (most := share_pence(by_category[category.flat_rate.of], category.flat_rate.percent)):
            of = f"{category.flat_rate.percent:f} % of “{titles[category.flat_rate.of]}”"
            return f"{category.title} may be at most {of}, which is {format_pence(most)}."
    return ""


def grant_problem(reading: Reading) -> str:
    """Why the grant asked for is too small, too large, or above the rate for the company's size; "" when it is none of these."""
    funding, known = reading.definition.funding, reading.facts
    asked, eligible = known["application"]["grant_pence"] or 0, known["costs"]["eligible_pence"]
    if asked < funding.grant_min:
        return f"You ask for {format_pence(asked)}. The smallest grant is {format_pence(funding.grant_min)}."
    if asked > funding.grant_max:
        return f"You ask for {format_pence(asked)}. The largest grant is {format_pence(funding.grant_max)}."
    rate = known["round"]["rate_max_percent"]
    if rate is not None and asked > (most := share_pence(eligible, rate)):
        shares = f"{rate.normalize():f} % of your eligible costs of {format_pence(eligible)}"
        return f"You ask for {format_pence(asked)}. The most is {shares}, which is {format_pence(most)}."
    return ""
