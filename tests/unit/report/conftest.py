"""Made-up runs and the browser are the benchmarks', which are no part of the installed package: beside it."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
