"""The same journey as locustfile.py by users who think half a second to one and a half."""

from random import random

import gevent
import locustfile
from locust import between


class Browser(locustfile.Browser):
    """Asks for the orders, with thinking; not all of those who were spawned in one second start together."""

    wait_time = between(0.5, 1.5)

    def on_start(self):
        """Wait up to a second."""
        gevent.sleep(random())
