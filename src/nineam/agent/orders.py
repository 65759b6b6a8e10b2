"""What the controller tells the agent, a line each: look away, look again, slow something down."""

from . import slowing, wire


class Orders:
    """Obeys for a recorder; half a line is kept until the rest of it comes."""

    def __init__(self, recorder):
        self._recorder = recorder
        self._heard = b""

    def take(self, said):
        """Obey what was read from the controller's socket; nothing at all means that it is gone."""
        if not said:
            slowing.end()  # nobody is there any more to end it
        *lines, self._heard = (self._heard + said).split(b"\n")
        for line in lines:
            if line.startswith(wire.SLOW):
                self._slow(line[len(wire.SLOW) :].decode())
            else:
                self._recorder.enabled = line != b"0"

    def _slow(self, line):
        percent, endpoint, layer = line.split("\t")
        if float(percent) <= 0:
            slowing.end()
            return
        names = self._recorder.names
        number = names.get("endpoint", endpoint) if endpoint else None
        slowing.begin(number, names.get("layer", layer), layer, float(percent) / 100)
