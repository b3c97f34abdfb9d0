"""Pages about programmes: `public` for everybody, `manage` for staff."""
