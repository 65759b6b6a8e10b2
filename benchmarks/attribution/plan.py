"""What every application pays on purpose, in milliseconds; how much each really took it measures itself."""

OUTSIDE = 1.0
"""Spun by what is wrapped around the application as a whole."""
MIDDLEWARE_SPIN = 2.0
MIDDLEWARE_WAIT = 10.0
HOOK_SPIN = 2.0
HOOK_WAIT = 10.0
"""A dependency, a hook before the request, a permission."""
VIEW_SPIN = 5.0
VIEW_WAIT = 20.0
TEMPLATE = 3.0
SERIALIZER = 2.0
LOGGING = 1.0
LOCK = 10.0
PASSWORD_ROUNDS = 10_000
EXECUTES = (("spin", 1.0), ("wait", 5.0), ("wait", 50.0))
MANY_ROWS = 5_000
HYDRATED_ROWS = 10
HYDRATE_EACH = 0.5
CONNECTIONS = 5
"""In an application's pool: fewer than the connections that ask."""
OUTGOING = 20
CACHE_WAIT = 10.0
