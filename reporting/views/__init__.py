"""Pages for those who look on: funders and auditors."""
