"""Calls an integration right after the application imports the library it is for; never imports one itself."""

import sys


class ImportHook:
    """A finder that finds nothing: it asks the others and notes when one of its modules has been executed."""

    def __init__(self, installers, ready):
        """`installers` maps a module name to a function; `ready(name, module, function)` runs it."""
        self._installers = installers
        self._ready = ready
        self._busy = set()

    def install(self):
        """Watch from now on; modules that are already there are handled at once."""
        for name in list(self._installers):
            module = sys.modules.get(name)
            if module is not None:
                self._ready(name, module, self._installers[name])
        sys.meta_path.insert(0, self)

    def remove(self):
        """Stop watching."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name, path=None, target=None):
        """Part of the import protocol: pass on what the other finders say, with the loader's last step watched."""
        if name not in self._installers or name in self._busy:
            return None
        self._busy.add(name)
        try:
            spec = self._ask_others(name, path, target)
        finally:
            self._busy.discard(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            if isinstance(spec.loader, type):
                spec.loader = _Forward(spec.loader)  # built-in modules share one loader, a class: leave it alone
            self._watch(spec.loader, name)
        return spec

    def _ask_others(self, name, path, target):
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None:
                return spec
        return None

    def _watch(self, loader, name):
        original = loader.exec_module

        def exec_module(module):
            try:
                del loader.exec_module
            except AttributeError:
                pass
            original(module)
            self._ready(name, module, self._installers[name])

        try:
            loader.exec_module = exec_module
        except AttributeError:
            pass  # a loader that cannot be watched (built-in): its library goes without hooks


class _Forward:
    """A loader for one module that passes everything on, to be watched where the real one is everybody's."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)
