"""Names of Locust and gevent that files import and often do not use: importing is free, using one says what it is."""

from typing import Any

from nineam.load.locust.exceptions import NotOfferedError

PLACEHOLDERS: dict[str, frozenset[str]] = {
    "locust": frozenset(
        {"web", "main", "argument_parser", "stats", "HttpLocust", "Locust", "TaskSequence", "seq_task"}
    ),
    "locust.stats": frozenset(
        [
            "stats_printer",
            "stats_history",
            "print_stats",
            "print_stats_json",
            "print_percentile_stats",
            "print_error_report",
            "print_stats_summary",
            "StatsCSV",
            "StatsCSVFileWriter",
            "StatsError",
            "CachedResponseTimes",
            "calculate_response_time_percentile",
            "get_percentile_stats_summary",
            "get_error_report_summary",
            "get_readable_percentiles",
            "sort_stats",
            "PERCENTILES_TO_REPORT",
            "CSV_STATS_INTERVAL_SEC",
            "CONSOLE_STATS_INTERVAL_SEC",
        ]
    ),
    "locust.runners": frozenset({"DistributedRunner", "WorkerNode", "locust_runner"}),
    "locust.log": frozenset({"greenlet_exception_logger", "get_logs"}),
    "locust.argument_parser": frozenset({"parse_options", "get_empty_argument_parser", "setup_parser_arguments"}),
    "locust.env": frozenset({"LoadTestShape"}),
    "locust.util.timespan": frozenset({"parse_timespan"}),
    "gevent": frozenset({"Timeout", "iwait", "idle", "getswitchinterval", "signal_handler", "get_hub", "hub"}),
    "gevent.event": frozenset({"AsyncResult"}),
    "gevent.monkey": frozenset({"patch_socket", "patch_ssl", "patch_thread", "patch_time"}),
}


class Placeholder:
    """Stands for something that is not offered; calling it, asking it for anything or inheriting from it says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        raise self._not_offered()

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Raise `NotOfferedError`."""
        raise self._not_offered()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._not_offered()

    def _not_offered(self) -> NotOfferedError:
        return NotOfferedError(self._name, BEFORE_1 if self._name.partition(".")[2] in OLD else "")


OLD = {"HttpLocust": "HttpUser", "Locust": "User", "TaskSequence": "SequentialTaskSet", "seq_task": "task"}
BEFORE_1 = "it belongs to Locust before 1.0 (HttpLocust is HttpUser now, task_set is tasks)"
