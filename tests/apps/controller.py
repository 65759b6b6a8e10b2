"""Starts a command the way nineam does and waits to be killed: `python controller.py COMMAND ...`."""

import asyncio
import json
import os
import sys
from pathlib import Path

from nineam.app.process import Application


async def main(command):
    application = await Application.start(command, cwd=Path.cwd(), env=os.environ, grace_s=2.0)
    await application.wait_ready(None, 30)
    print(json.dumps(application.tree()), flush=True)
    await application.died


asyncio.run(main(sys.argv[1:]))
