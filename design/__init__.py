"""How Pumphouse looks and speaks: form fields, field templates' brains, component tags, words for dates and money. Imports none of ours."""
