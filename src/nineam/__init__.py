"""It is nine a.m. on Monday, on your own machine: what breaks first, why, and at which line."""

__version__ = "0.1.0"
