"""Finds the index that nobody added, and proves it by building it in a clone."""
