"""The lives of what follows a decision: award, milestone, claim, bank account, payment, payment run, outcome report, recovery."""
