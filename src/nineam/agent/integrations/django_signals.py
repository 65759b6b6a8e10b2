"""Receivers of Django's model signals, where there are any. The two that come with every row are left alone."""

from ..request import current

NAMES = ("pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")


def install(agent, module):
    """Time each signal that is sent once per write."""
    for name in NAMES:
        signal = getattr(module, name)
        agent.patcher.wrap(signal, "send", _sending(agent.layer("signal:" + name), signal))


def _sending(layer, signal):
    def make(original):
        def send(*args, **kwargs):
            request = current.get()
            if request is None or request.done or not signal.receivers:
                return original(*args, **kwargs)
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)

        return send

    return make
