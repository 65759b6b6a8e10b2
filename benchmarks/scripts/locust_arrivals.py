"""Users who ask once a second each, as near as Locust comes to a constant rate."""

from random import random

import gevent
from locust import FastHttpUser, constant_throughput, task
from locust_result import report  # noqa: F401 - prints the numbers in the end


class Worker(FastHttpUser):
    """Asks for work; not all start in the same instant."""

    wait_time = constant_throughput(1)

    def on_start(self):
        """Wait up to a second."""
        gevent.sleep(random())

    @task
    def work(self):
        """Ask once."""
        self.client.get("/work")
