"""A connection from a train: half a second there and back, 8 kB a second down and 2 kB a second up."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("slow", line=Line(down=8_000, up=2_000, round_trip_s=0.5, receive_buffer=4_096))
