"""What pages about money show, as strings and rows that templates draw."""
