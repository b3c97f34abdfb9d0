"""The API at /api/v1/: a second door, for funders' systems, to what the pages show them."""
