"""The applications of the sins bench, one per stack; `SIN` in the environment says which fault is on, and how much."""
