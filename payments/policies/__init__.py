"""Guards: each raises a sentence, or lets the step go on."""
