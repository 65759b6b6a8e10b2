"""Find, start, watch and stop the application under test."""
