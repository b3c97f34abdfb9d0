"""What reporting does that leaves a trace."""
