"""Never finishes its import."""

import threading


def wait_for_database():
    threading.Event().wait()


wait_for_database()
