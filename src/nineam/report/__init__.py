"""Terminal, HTML and data output: pure functions of a run document."""
