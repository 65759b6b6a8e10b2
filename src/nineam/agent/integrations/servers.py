"""The servers: where each of them calls the application, for applications that no framework's hook knows.

What lies between the generator's sending and that call is `server_wait`, on every one of them.
"""

from ..wsgi import wsgi_of


def _asgi(agent):
    from .starlette import asgi_of

    return asgi_of(agent).around


def install_uvicorn(agent, module):
    """Hook the protocol (there is one with httptools and one with h11) where it runs the application."""
    around = _asgi(agent)

    def make(original):
        async def run_asgi(cycle, app):
            return await original(cycle, around(app))

        return run_asgi

    agent.patcher.wrap(module.RequestResponseCycle, "run_asgi", make)


def install_hypercorn(agent, module):
    """Hook both of hypercorn's wrappers around applications."""
    around = _asgi(agent)

    def make(original):
        async def __call__(wrapper, *args):
            _replace_once(agent, wrapper, "app", around)
            return await original(wrapper, *args)

        return __call__

    agent.patcher.wrap(module.ASGIWrapper, "__call__", make)
    agent.patcher.wrap(module.WSGIWrapper, "run_app", _calling(agent, lambda wrapper: (wrapper, "app")))


def install_granian_asgi(agent, module):
    """Hook what makes granian's callbacks."""
    agent.patcher.wrap(module, "_callback_wrapper", _first(_asgi(agent)))


def install_granian_wsgi(agent, module):
    """Hook what makes granian's callbacks."""
    agent.patcher.wrap(module, "_callback_wrapper", _first(wsgi_of(agent).around))


def _first(around):
    def make(original):
        def _callback_wrapper(callback, *args, **options):
            return original(around(callback), *args, **options)

        return _callback_wrapper

    return make


def install_gunicorn_sync(agent, module):
    """Hook gunicorn's synchronous worker."""
    agent.patcher.wrap(module.SyncWorker, "handle_request", _calling(agent, lambda worker: (worker, "wsgi")))


def install_gunicorn_threads(agent, module):
    """Hook gunicorn's worker with threads."""
    agent.patcher.wrap(module.ThreadWorker, "handle_request", _calling(agent, lambda worker: (worker, "wsgi")))


def install_gunicorn_green(agent, module):
    """Hook gunicorn's workers with greenlets."""
    agent.patcher.wrap(module.AsyncWorker, "handle_request", _calling(agent, lambda worker: (worker, "wsgi")))


def install_gunicorn_asgi(agent, module):
    """Hook gunicorn's own ASGI worker."""
    around = _asgi(agent)

    def make(original):
        def load_wsgi(worker):
            original(worker)
            _replace_once(agent, worker, "asgi", around)

        return load_wsgi

    agent.patcher.wrap(module.ASGIWorker, "load_wsgi", make)


def install_waitress(agent, module):
    """Hook waitress's task."""
    agent.patcher.wrap(module.WSGITask, "execute", _calling(agent, lambda task: (task.channel.server, "application")))


def install_werkzeug(agent, module):
    """Hook the development server of werkzeug."""
    agent.patcher.wrap(module.WSGIRequestHandler, "run_wsgi", _calling(agent, lambda handler: (handler.server, "app")))


def install_wsgiref(agent, module):
    """Hook the standard library's server, which Django's development server is made of."""
    around = wsgi_of(agent).around

    def make(original):
        def run(handler, application):
            return original(handler, around(application))

        return run

    agent.patcher.wrap(module.BaseHandler, "run", make)


def _calling(agent, place):
    """Return the maker of a method that finds the application, wrapped, where `place(self)` says it is kept."""
    around = wsgi_of(agent).around

    def make(original):
        def method(self, *args):
            try:
                _replace_once(agent, *place(self), around)
            except AttributeError:
                pass
            return original(self, *args)

        return method

    return make


def _replace_once(agent, owner, name, around):
    app = getattr(owner, name)
    wrapped = around(app)
    if wrapped is not app:
        agent.patcher.replace(owner, name, wrapped)
