"""What `audit.verify` checks, one subject a module."""
