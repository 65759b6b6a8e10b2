"""Faults between the application and what it depends on: a TCP proxy in a process of its own."""
