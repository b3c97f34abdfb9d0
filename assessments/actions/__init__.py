"""What people do in assessment: each module a noun, each function a verb."""
