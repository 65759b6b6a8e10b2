"""The view while a run is going on."""
