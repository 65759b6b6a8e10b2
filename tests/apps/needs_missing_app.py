"""Imports a library that is not installed."""

import a_library_that_nobody_installed

app = a_library_that_nobody_installed.App()
