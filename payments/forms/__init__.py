"""The shape of what is typed; actions enforce the rules."""
