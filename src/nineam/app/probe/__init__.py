"""What runs inside the application's interpreter to look at it: standard library only, Python 3.9 and newer.

It is started as a path (`python .../app/probe REQUEST`), never as `-m nineam...`: nineam is not installed there.
"""
