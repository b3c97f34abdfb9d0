"""What pages read from people: shape only; rules are the actions'."""
