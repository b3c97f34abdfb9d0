"""What people and the machine do: each action one verb of one noun, in one transaction."""
