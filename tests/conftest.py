"""What all tests share: one thread a worker, and the table of the lectures' time and memory."""

from __future__ import annotations

import os

# Before torch starts: two workers with all threads each are slower than with their share.
_workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if _workers > 1:
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // _workers)))


def pytest_terminal_summary(terminalreporter) -> None:
    """Prints one line for each lecture that ran."""
    lines = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for key, value in report.user_properties
        if key == "lecture"
    ]
    if lines:
        terminalreporter.section("lectures: seconds, peak memory, size")
        for line in sorted(lines):
            terminalreporter.write_line(line)
