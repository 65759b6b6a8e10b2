"""A run, phase by phase: the one place where application, load, collection and the run file meet."""
