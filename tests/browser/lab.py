"""A JupyterLab of its own on the loopback interface, and a page of a real browser in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

# The session itself must be ready: the toolbar's idle icon shows earlier, and then Run All is lost.
READY = """() => {
  const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const document = widget && widget.context;
  const context = document && document.isReady && document.sessionContext;
  return !!(context && context.isReady && context.session && context.session.kernel
            && context.session.kernel.status === 'idle');
}"""

# Run All is over when every code cell has a number (the copy that is opened has none).
RAN = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  return [...Array(cells.length).keys()].map(place => cells.get(place))
    .every(cell => cell.type !== 'code' || cell.executionCount !== null);
}"""

# Milliseconds from a key to the frame after an image of the explorer has changed.
REDRAW = """(box) => new Promise((done, failed) => {
  const image = box.querySelector('img'), before = image.src;
  let began = null;
  document.addEventListener('keydown', () => { began = performance.now(); },
                            {capture: true, once: true});
  const limit = setTimeout(() => failed('no redraw within 20 s'), 20000);
  const look = () => {
    const now = box.querySelector('img');
    if (began !== null && now.src !== before && now.complete) {
      clearTimeout(limit);
      requestAnimationFrame(() => done(performance.now() - began));
    } else { requestAnimationFrame(look); }
  };
  look();
})"""


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Starts JupyterLab in `folder`, without the user's settings; yields its address."""
    settings = folder / ".settings"
    (settings / "labconfig").mkdir(parents=True)
    page = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (settings / "labconfig" / "page_config.json").write_text(json.dumps(page))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTERLAB_SETTINGS_DIR": str(settings / "lab"),
        "JUPYTERLAB_WORKSPACES_DIR": str(settings / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(settings / "runtime"),
        "IPYTHONDIR": str(settings / "ipython"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = (folder / "lab.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api/status", timeout=2)
                break
            if process.poll() is not None:
                raise RuntimeError((folder / "lab.log").read_text()[-2000:])
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def copy_without_outputs(lecture: Path, folder: Path) -> None:
    """Copies a notebook as nobody has run it yet."""
    notebook = nbformat.read(lecture, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, folder / lecture.name)


def open_and_run(page, address: str, name: str, *, slack: float) -> None:
    """Opens a notebook, waits for its session, runs all cells and waits for the last one."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_function(READY, timeout=90_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(RAN, timeout=100_000 * slack)


def show_everything(page) -> None:
    """Scrolls through the notebook once, since JupyterLab draws only what was in view."""
    page.evaluate("""async () => {
      const pane = document.querySelector('.jp-WindowedPanel-outer') ||
                   document.querySelector('.jp-Notebook');
      for (let y = 0; y < pane.scrollHeight; y += 500) {
        pane.scrollTop = y; await new Promise(done => setTimeout(done, 60));
      }
    }""")


def use_dark_theme(page) -> None:
    """Switches JupyterLab to its dark theme."""
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme',"
                  " {theme: 'JupyterLab Dark'})")  # fmt: skip
    page.wait_for_timeout(1_500)
