"""Pages about records: of applications, and of people themselves."""
