"""Whom PostgreSQL runs as: it refuses root, so root lends it an unprivileged account that exists already."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

CANDIDATES = ("nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """An existing account, by number."""

    uid: int
    gid: int


class Identity(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change who a process is."""

    user: int
    group: int
    extra_groups: Sequence[int]


def identity(account: Account | None) -> Identity:
    """Arguments that start a process as `account`, or as whoever we are."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


def unprivileged_account() -> Account | None:
    """Choose the first of `CANDIDATES` that exists on this machine and that processes can be started as."""
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        account = Account(entry.pw_uid, entry.pw_gid)
        if succeeds(["true"], account):
            return account
    return None


def has_name() -> bool:
    """Whether our own user id has an entry in the password database; PostgreSQL insists on one."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def can_write(account: Account | None, directory: Path) -> bool:
    """Whether `account` reaches `directory` through all its parents and may write there."""
    return succeeds(["test", "-w", str(directory)], account)


def succeeds(command: Sequence[str], account: Account | None) -> bool:
    """Whether a command ends with 0 when `account` runs it; a command that cannot be started does not."""
    try:
        finished = subprocess.run(command, capture_output=True, check=False, timeout=30, cwd="/", **identity(account))
    except (OSError, subprocess.SubprocessError):
        return False
    return finished.returncode == 0
