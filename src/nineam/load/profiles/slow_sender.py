"""Sends heads and bodies at 256 bytes a second, a few at a time, as Slowloris does."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("slow-sender", line=Line(up=256))
