"""The demonstration: companies driven through the whole journey by the same actions as the pages call."""
