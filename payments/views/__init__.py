"""Pages about awards and money: the company's, the programme team's, finance's."""
