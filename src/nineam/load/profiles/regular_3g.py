"""An old telephone connection: Lighthouse's preset "Regular 3G", 300 ms and 700 kbit/s both ways."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("3g", line=Line(700_000 / 8, 700_000 / 8, 0.3, 32_768))
