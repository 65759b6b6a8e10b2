"""One file per finding code; the registry is an explicit tuple."""
