"""Settings from nineam.toml and [tool.nineam]."""
