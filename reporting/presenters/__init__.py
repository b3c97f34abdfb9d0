"""Ready strings for reporting's pages."""
