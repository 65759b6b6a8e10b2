"""The environment the application starts with when the agent rides along."""

import os
from collections.abc import Mapping


def agent_environment(
    base_env: Mapping[str, str], inject_dir: str, socket_path: str, token: str, app_root: str
) -> dict[str, str]:
    """Copy `base_env` with five variables set, and no other touched.

    PYTHONPATH begins with `inject_dir` (what was there follows, so the application's imports stay the same);
    NINEAM_SOCKET, NINEAM_TOKEN and NINEAM_ROOT tell the agent whom to talk to and which files are the
    application's; PYTHONUNBUFFERED=1 lets the last words of a dying application reach the log.
    """
    existing = base_env.get("PYTHONPATH", "")
    return {
        **base_env,
        "PYTHONPATH": inject_dir + (os.pathsep + existing if existing else ""),
        "NINEAM_SOCKET": socket_path,
        "NINEAM_TOKEN": token,
        "NINEAM_ROOT": app_root,
        "PYTHONUNBUFFERED": "1",
    }


def search_environment(base_env: Mapping[str, str], search_path: str) -> dict[str, str]:
    """Copy `base_env` with `search_path` first on PYTHONPATH; unchanged when `search_path` is empty."""
    if not search_path:
        return dict(base_env)
    existing = base_env.get("PYTHONPATH", "")
    return {**base_env, "PYTHONPATH": search_path + (os.pathsep + existing if existing else "")}
