"""One line with what Locust reports about all requests, in the form that the benchmarks read; milliseconds."""

import json

from locust import events


@events.test_stop.add_listener
def report(environment, **_):
    """Print the numbers once the test is over."""
    total = environment.stats.total
    percentiles = [total.get_response_time_percentile(part) for part in (0.5, 0.95, 0.99, 0.999)]
    numbers = {
        "requests": total.num_requests,
        "mean": total.avg_response_time,
        "percentiles": percentiles,
        "max": total.max_response_time,
    }
    print(f"result={json.dumps(numbers)}", flush=True)
