"""Durations as k6 and Go write them."""

from nineam.model.durations import seconds

__all__ = ["seconds"]
