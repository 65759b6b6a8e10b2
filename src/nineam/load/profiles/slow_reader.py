"""Reads its answers at 8 kB a second, and keeps nothing: what the server has not got rid of, it has to hold."""

from nineam.load.profiles.line import Line
from nineam.load.profiles.profile import Profile

PROFILE = Profile("slow-reader", line=Line(down=8_000, receive_buffer=4_096))
