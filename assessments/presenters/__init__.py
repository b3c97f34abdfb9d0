"""What the pages of assessment show, ready for the templates."""
