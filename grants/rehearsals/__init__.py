"""Rehearsals: a programme is gone through with invented companies, in a process, a database and a folder of its own."""
