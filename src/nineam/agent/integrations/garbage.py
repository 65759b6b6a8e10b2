"""Full garbage collections: pauses long enough to see, charged to the request they fell into."""

from ..request import current


def install(agent, gc):
    """Listen to the collector; the two young generations are too quick to be worth a clock."""
    layer = agent.layer("gc")

    def callback(phase, info):
        if info["generation"] != 2:
            return
        request = current.get()
        if request is not None and not request.done:
            (request.enter if phase == "start" else request.leave)(layer)

    gc.callbacks.append(callback)
    agent.patcher.also(lambda: gc.callbacks.remove(callback))
