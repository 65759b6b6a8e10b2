"""Temporary home."""

from nineam.load.stats import merge, merge_endpoints

__all__ = ["merge", "merge_endpoints"]
