"""A good telephone connection: Lighthouse's preset "Dense 4G", 40 ms and 10 Mbit/s both ways."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("4g", line=Line(10_240_000 / 8, 10_240_000 / 8, 0.04, 65_536))
