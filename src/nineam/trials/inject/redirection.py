"""Inside the application: connections to certain addresses go to others, and every kind of connection is told once.

For what no environment variable reaches: settings written into the source. Python's sockets, uvloop and the two
drivers that connect in C (psycopg, psycopg2) are covered. Standard library only, syntax of Python 3.9.
"""

import json
import os
import socket
import sys
import threading

LOOPBACK = ("localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1")
MOST_TOLD = 200


class Redirection:
    """Where connections go instead (`places`: host and port to port), and the file in which they are told."""

    def __init__(self, places, report, root):
        self.places = places
        self.report = report
        self.root = os.path.abspath(root)
        self._told = set()
        self._lock = threading.Lock()

    def port_for(self, host, port):
        """Return the port on 127.0.0.1 that stands for an address; None when there is none."""
        try:
            return self.places.get((self.canonical(host), int(port)))
        except (TypeError, ValueError):
            return None

    @staticmethod
    def canonical(host):
        """Return one name for all names of this machine."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        name = name.strip("[]").lower()
        return "127.0.0.1" if name in LOOPBACK or name.startswith("127.") else name

    def tell(self, host, port, via, timeout, redirected):
        """Write down a connection, once for each place in the source that makes one like it."""
        where, others = self._where()
        key = (str(host), port, via, where, redirected)
        with self._lock:
            if key in self._told or len(self._told) >= MOST_TOLD:
                return
            self._told.add(key)
        fact = {"host": str(host), "port": port, "via": via, "timeout": timeout, "where": where}
        fact["libraries"] = others
        fact["redirected"] = redirected
        fact["pid"] = os.getpid()
        try:
            with open(self.report, "a", encoding="utf-8") as file:
                file.write(json.dumps(fact) + "\n")
        except OSError:
            pass

    def _where(self):
        """Return the innermost line of the application's own, and the libraries between it and the connection."""
        frame = sys._getframe(2)
        libraries = []
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self.root) and "site-packages" not in file and os.sep + ".venv" not in file:
                name = os.path.relpath(file, self.root)
                return "%s:%d (%s)" % (name, frame.f_lineno, frame.f_code.co_name), libraries
            package = frame.f_globals.get("__name__", "").partition(".")[0]
            if "site-packages" in file and package not in libraries:
                libraries.append(package)
            frame = frame.f_back
        return "", libraries


def start(environ, import_hook):
    """Redirect from now on; `import_hook` is the class that watches imports."""
    told = json.loads(environ["NINEAM_REDIRECT"])
    places = {(Redirection.canonical(host), port): to for host, port, to in told["places"]}
    redirection = Redirection(places, told["report"], told["root"])
    _sockets(redirection)
    hooks = {"psycopg": _psycopg, "psycopg2": _psycopg2, "uvloop": _uvloop}
    import_hook(
        {name: name for name in hooks}, lambda name, module, _: _quietly(hooks[name], module, redirection)
    ).install()


def _quietly(hook, module, redirection):
    try:
        hook(module, redirection)
    except Exception as error:
        sys.stderr.write("nineam: connections of %s are not redirected (%r)\n" % (module.__name__, error))


def _sockets(redirection):
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def moved(self, address):
        internet = self.family in (socket.AF_INET, socket.AF_INET6) and self.type & socket.SOCK_STREAM
        if not internet or not isinstance(address, tuple) or len(address) < 2:
            return address
        host, port = address[0], address[1]
        to = redirection.port_for(host, port)
        redirection.tell(host, port, "socket", self.gettimeout(), to is not None)
        if to is None:
            return address
        return ("127.0.0.1", to) if self.family == socket.AF_INET else ("::ffff:127.0.0.1", to, 0, 0)

    socket.socket.connect = lambda self, address: connect(self, moved(self, address))
    socket.socket.connect_ex = lambda self, address: connect_ex(self, moved(self, address))


def _uvloop(module, redirection):
    original = module.Loop.create_connection

    async def create_connection(self, protocol_factory, host=None, port=None, **options):
        if host and port:
            to = redirection.port_for(host, port)
            redirection.tell(host, port, "uvloop", None, to is not None)
            if to is not None:
                if options.get("ssl") and not options.get("server_hostname"):
                    options["server_hostname"] = host
                host, port = "127.0.0.1", to
        return await original(self, protocol_factory, host, port, **options)

    module.Loop.create_connection = create_connection


def _target(redirection, via, parameters):
    """Return what to add to the parameters of libpq, and tell of the connection."""
    host = parameters.get("host") or os.environ.get("PGHOST", "")
    port = parameters.get("port") or os.environ.get("PGPORT") or 5432
    timeout = parameters.get("connect_timeout") or os.environ.get("PGCONNECT_TIMEOUT")
    if parameters.get("hostaddr") or "," in str(host) or not str(port).isdigit():
        return {}
    if not host or str(host).startswith("/"):
        redirection.tell(host or "the usual socket", int(port), via + " (Unix socket)", timeout, False)
        return {}
    to = redirection.port_for(host, port)
    known = redirection.canonical(host) == "127.0.0.1" and int(port) in redirection.places.values()
    redirection.tell(host, int(port), via, timeout, to is not None or known)
    # the name stays, for certificates; only where it leads is another matter
    return {} if to is None else {"hostaddr": "127.0.0.1", "port": str(to)}


def _psycopg(module, redirection):
    from psycopg.conninfo import conninfo_to_dict

    def added(conninfo, options):
        given = {name: value for name, value in options.items() if name not in OWN_OPTIONS}
        return _target(redirection, "psycopg", conninfo_to_dict(conninfo, **given))

    for kind in (module.Connection, module.AsyncConnection):
        original = kind.__dict__["connect"].__func__
        kind.connect = classmethod(_wrapped(original, added))
    module.connect = module.Connection.connect


OWN_OPTIONS = ("autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory")


def _wrapped(original, added):
    def connect(cls, conninfo="", **options):
        return original(cls, conninfo, **dict(options, **added(conninfo, options)))

    return connect


def _psycopg2(module, redirection):
    from psycopg2.extensions import make_dsn, parse_dsn

    original = module.connect

    def connect(dsn=None, connection_factory=None, cursor_factory=None, **options):
        given = {name: value for name, value in options.items() if name not in ("async", "async_")}
        added = _target(redirection, "psycopg2", parse_dsn(make_dsn(dsn, **given)) if dsn or given else {})
        return original(dsn, connection_factory, cursor_factory, **dict(options, **added))

    module.connect = connect
