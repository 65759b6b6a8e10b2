"""The same journey as monday.py: one request, its status and its parsed JSON checked."""

from locust import FastHttpUser, events, task


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


@events.quit.add_listener
def report(exit_code, **_):
    """Print the number of requests in the form that the benchmark reads."""
    print(f"requests={Browser.environment_total}" if hasattr(Browser, "environment_total") else "", flush=True)


@events.test_stop.add_listener
def count(environment, **_):
    """Remember how many requests were sent."""
    Browser.environment_total = environment.stats.total.num_requests
