"""A small shop as an ordinary developer writes it; its sins are switches (`sins.py`)."""
