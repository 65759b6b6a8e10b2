"""Sends what a run counts to where teams keep their metrics, while it goes on or afterwards."""
