"""What rides inside the application under test: standard library only, Python 3.9 and later."""
