"""Applications with one planted fault each, and whether a run names its layer and its line."""
