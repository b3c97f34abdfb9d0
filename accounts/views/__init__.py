"""Pages about people: the landing page, second factor, invitations, roles, keys, and the demo's front door."""
