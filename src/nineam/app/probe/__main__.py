"""Load this directory as a package under a name of its own, take it off the import path, and answer."""

import importlib
import importlib.util
import os
import sys

PACKAGE = "_nineam_probe"


def main() -> None:
    """Answer the request in the first argument; ends the process."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - before anything else is imported
    sys.path[:] = [entry for entry in sys.path if entry != here]
    spec = importlib.util.spec_from_file_location(
        PACKAGE,
        os.path.join(here, "__init__.py"),  # noqa: PTH118
        submodule_search_locations=[here],
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    importlib.import_module(PACKAGE + ".answer").main(sys.argv[1])


if __name__ == "__main__":
    main()
