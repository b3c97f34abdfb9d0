"""Rules in CEL (Common Expression Language): what they may say, what they mean, and what they answer.

`syntax` reads an expression, `checking` says whether its names and types are right, `catalogue` lists the names there are,
`evaluation` answers. The same `evaluate` serves the public check, the submission, the officer's page and the claim.
"""

from grants.rules.evaluation import RuleOutcome, evaluate

__all__ = ["RuleOutcome", "evaluate"]
