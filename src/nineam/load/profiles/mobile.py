"""A telephone as Lighthouse has it: its preset "Slow 4G", 150 ms, 1.6 Mbit/s down and 750 kbit/s up."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("mobile", line=Line(1_638_400 / 8, 750_000 / 8, 0.15, 32_768))
