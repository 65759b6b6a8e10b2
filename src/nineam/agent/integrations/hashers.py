"""Password hashing: slow on purpose, and therefore felt by whoever shares the thread or the loop."""

from .builtin import time_functions
from .layers import timed


def install_hashlib(agent, module):
    """Time the standard library's two key derivations; plain digests are quick and everywhere."""
    time_functions(agent, module, ("pbkdf2_hmac", "scrypt"), agent.layer("password_hash"))


def install_bcrypt(agent, module):
    """Time bcrypt."""
    time_functions(agent, module, ("hashpw", "checkpw", "kdf"), agent.layer("password_hash"))


def install_argon2(agent, module):
    """Time argon2-cffi's functions."""
    names = ("hash_secret", "hash_secret_raw", "verify_secret")
    time_functions(agent, module, names, agent.layer("password_hash"))


def install_argon2_hasher(agent, module):
    """Time argon2-cffi's class."""
    _methods(agent, module.PasswordHasher, ("hash", "verify"))


def install_passlib(agent, module):
    """Time passlib's contexts."""
    _methods(agent, module.CryptContext, ("hash", "verify", "verify_and_update"))


def _methods(agent, owner, names):
    for name in names:
        agent.patcher.wrap(owner, name, timed(agent.layer("password_hash")))
