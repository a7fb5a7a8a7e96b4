"""Runs the benchmarks, each in a process of its own and one after the other; prints one table.

Usage: python tests/benchmarks [NAME ...] [--readme]
"""

from __future__ import annotations

import sys
from pathlib import Path

import runner

if __name__ == "__main__":
    sys.exit(runner.main(Path(__file__).parent))
