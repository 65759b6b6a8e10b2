"""The command line: one file per command, each parse, load, do, render."""
