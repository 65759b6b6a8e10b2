"""The load engine: schedules, an HTTP/1.1 client, virtual users, and the process they run in."""
