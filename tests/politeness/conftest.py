"""Makes `politeness_trial` importable; `bench/politeness.py` does the same."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
