"""The same journey as monday.py: one request, its status and its parsed JSON checked."""

from locust import FastHttpUser, task
from locust_result import report  # noqa: F401 - prints the numbers in the end


class Browser(FastHttpUser):
    """Asks for the orders, back to back."""

    @task
    def browse(self):
        """Ask once."""
        with self.client.get("/api/orders", catch_response=True) as orders:
            if orders.status_code != 200:
                orders.failure("status is not 200")
            if len(orders.json()) != 3:
                orders.failure("not three orders")
