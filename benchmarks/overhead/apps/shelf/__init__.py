"""The shelf as Django sees it."""
