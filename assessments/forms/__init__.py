"""The forms of assessment. They validate shape; the actions enforce the rules."""
