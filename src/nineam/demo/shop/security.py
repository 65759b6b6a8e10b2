"""Passwords and tokens."""

import hashlib
import hmac
import secrets

ITERATIONS = 360_000


def hash_password(password: str, salt: bytes) -> str:
    """Hash a password the way the shop stores it: iterations, salt and PBKDF2-SHA256, the last two in hexadecimal."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    return f"{ITERATIONS}${salt.hex()}${digest.hex()}"


def verify_password(password: str, stored: str) -> bool:
    """Whether this is the password behind the stored hash; costs one hash whatever the answer."""
    iterations, salt, digest = stored.split("$")
    computed = hashlib.pbkdf2_hmac("sha256", password.encode(), bytes.fromhex(salt), int(iterations))
    return hmac.compare_digest(computed.hex(), digest)


def new_token() -> str:
    """Make a bearer token nobody can guess."""
    return secrets.token_urlsafe(32)
