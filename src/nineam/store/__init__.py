"""The run file: one SQLite file that every later step reads."""
