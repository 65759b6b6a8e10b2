"""Middlewares that protect an application: what they cost is told, and never that they should go."""

import re

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
NAMED_OTHERWISE = {
    "RemoteUserMiddleware": "auth",
    "PersistentRemoteUserMiddleware": "auth",
    "AccountMiddleware": "auth",
    "SlowAPIMiddleware": "limit",
    "SlowAPIASGIMiddleware": "limit",
    "ProxyHeadersMiddleware": "proxy",
}
"""Of Django, allauth, SlowAPI and uvicorn: what their names do not say."""
STAYS = "leave it in: by its name it protects the application"
CHEAPER = f"{STAYS}; make what it does for each request cheaper"
FORMS = (
    "leave it in: it keeps other sites' forms out, and reads of a form what the view would read anyway;"
    " only an endpoint that no cookie logs anybody in to (an API with tokens) may be exempt"
)
SESSIONS = "leave it in; keep little in sessions, where that is read quickly, and save them only when they change"
USERS = (
    f"{STAYS}; make what it looks up for each request cheaper (an index, one statement for several),"
    " and look users up only where they are asked for"
)
TURNS_AWAY = f"{STAYS}; put it in front of the others, which then do nothing for what it turns away"
ADVICE = (
    (FORMS, ("csrf", "xsrf")),
    (SESSIONS, ("session", "sessions")),
    (USERS, ("auth", "authentication", "authenticate", "authorization", "oauth", "jwt", "token", "login", "otp")),
    (TURNS_AWAY, ("trusted", "host", "hosts", "https", "ssl", "limit", "limiter", "ratelimit", "throttle")),
    (TURNS_AWAY, ("throttling", "throttled", "firewall", "axes")),
    (CHEAPER, ("security", "secure", "cors", "csp", "hsts", "frame", "permission", "permissions", "policy")),
    (CHEAPER, ("guard", "guardian", "acl", "rbac", "proxy")),
)
"""What is safe to do about one, by the words that frameworks, and whoever follows them, have in its name."""


def advice(middleware: str) -> str:
    """Return what may be done about the cost of a middleware that protects; empty for one that, by its name, does not.

    A middleware is named by its class or function; the first of `ADVICE` with a word of it counts.
    """
    words = {word.lower() for word in WORD.findall(middleware)} | {NAMED_OTHERWISE.get(middleware, "")}
    return next((said for said, known in ADVICE if words.intersection(known)), "")
