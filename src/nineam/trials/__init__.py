"""Readiness trials: what an application does when its surroundings are not as they were on localhost."""
