"""Ends while it is imported."""


def read_settings():
    raise RuntimeError("SECRET_KEY is not set")


read_settings()
