"""A headless Chromium, spoken to over its debugging protocol."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_START_S = 30.0


def chromium() -> str | None:
    """Return the browser's path; None when there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


class Tab:
    """One page that is open."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._number = socket, 0
        self.said: list[str] = []

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer; complaints of the page meanwhile are kept in `said`."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            if message.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.said.append(json.dumps(message["params"]))

    def run(self, script: str) -> Any:
        """Evaluate a script in the page; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:2000])
        return result["result"].get("value")

    def open(self, path: Path) -> None:
        """Go to a file and wait until it is there."""
        self.call("Runtime.enable")
        self.call("Log.enable")
        self.call("Page.navigate", url=path.as_uri())
        while self.run("document.readyState") != "complete" or self.run("location.protocol") != "file:":
            time.sleep(0.05)

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """Make the window so large, and light or dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, path: Path, selector: str = "body", margin: int = 16) -> None:
        """Save a picture of an element."""
        box = self.run(
            f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            "return [r.x + scrollX, r.y + scrollY, r.width, r.height] })()"
        )
        clip = {"x": max(0, box[0] - margin), "y": box[1] - margin, "scale": 1}
        clip |= {"width": box[2] + 2 * margin, "height": box[3] + 2 * margin}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def tab() -> Iterator[Tab]:
    """Start a browser of its own, with one page; it is gone afterwards."""
    path = chromium()
    assert path is not None
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
        options += ["--remote-debugging-port=0", f"--user-data-dir={home}", "about:blank"]
        browser = subprocess.Popen([path, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_page(Path(home), browser), max_size=None) as socket:
                yield Tab(socket)
        finally:
            browser.terminate()
            browser.wait(timeout=20)


def _page(home: Path, browser: "subprocess.Popen[bytes]") -> str:
    """Return where the page listens, once the browser has written down its port."""
    port = home / "DevToolsActivePort"
    deadline = time.monotonic() + _START_S
    while not (port.exists() and port.read_text().count("\n")):
        if time.monotonic() > deadline or browser.poll() is not None:
            raise RuntimeError("the browser did not start")
        time.sleep(0.05)
    number, whole = port.read_text().splitlines()[:2]
    with connect(f"ws://127.0.0.1:{number}{whole}") as socket:
        target = Tab(socket).call("Target.createTarget", url="about:blank")["targetId"]
    return f"ws://127.0.0.1:{number}/devtools/page/{target}"
