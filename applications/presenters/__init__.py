"""Ready strings and rows for the pages: what is worked out here is not worked out in templates."""
