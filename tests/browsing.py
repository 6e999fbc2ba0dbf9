"""A real browser for tests: Debian's chromium, which reaches nothing but the host under test.

Whatever a page complains of is heard: errors and warnings on the console, errors of scripts, failed
requests, broken rules of the content security policy, requests beyond the host.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sample import REPOSITORY
from serving import untouched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

SHOTS = REPOSITORY / "build/screenshots"
"""Where screenshots are kept."""

PHONE = 360
"""The width of a small phone, in CSS pixels."""

SERIOUS = ("serious", "critical")


class _Handler(SimpleHTTPRequestHandler):
    """What `python3 -m http.server` answers, in a folder of the host."""

    def __init__(self, *args: Any, folder: str, **options: Any) -> None:
        self.folder = folder
        super().__init__(*args, **options)

    def translate_path(self, path: str) -> str:
        if not path.startswith(self.folder):
            return os.devnull + "/none"
        return super().translate_path("/" + path.removeprefix(self.folder))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hosting(public: Path, folder: str = "/") -> Iterator[str]:
    """Serve a directory as a static host does until the block ends; yield its address.

    ``folder`` is where on the host it lies: what links to elsewhere on the host is not found.
    """
    handler = partial(_Handler, folder=folder, directory=str(public))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{folder}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def chromium(executable: str, home: Path) -> Iterator[Browser]:
    """Start a browser, and stop it when the block ends.

    Nothing is downloaded: ``home``, where playwright keeps browsers of its own, stays empty.
    """
    from playwright.sync_api import sync_playwright

    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(home)
    # What the browser itself asks of its makers ends at a port where nobody listens.
    options = [
        "--proxy-server=http://127.0.0.1:9",
        "--disable-features=AutofillServerCommunication",
    ]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=options)
        try:
            yield browser
        finally:
            browser.close()
    assert not home.exists() or not list(home.iterdir()), "playwright has downloaded something"


class Browsing:
    """Opens pages, and hears what is wrong with them."""

    def __init__(self, browser: Browser) -> None:
        """Take a browser that runs."""
        self._browser = browser
        self.canary = socket.create_server(("127.0.0.1", 0))
        self._closing: list[Callable[[], None]] = []
        self._hosts: set[str] = set()
        self._complaints: list[str] = []

    def page(
        self,
        address: str,
        *,
        scripts: bool = True,
        dark: bool = False,
        width: int = 1280,
        still: bool = False,
    ) -> Page:
        """Open an address in a window of its own: with scripts or not, dark, so wide, still."""
        context = self._browser.new_context(
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 800},
            reduced_motion="reduce" if still else "no-preference",
            locale="en-GB",
            timezone_id="UTC",
            accept_downloads=False,
            # A proxy that is asked for all addresses but those of this machine.
            proxy={
                "server": f"http://127.0.0.1:{self.canary.getsockname()[1]}",
                "bypass": "<-loopback>,127.0.0.1",
            },
        )
        self._closing.append(context.close)
        self._hosts.add(urlsplit(address).netloc)
        say = self._complaints.append
        context.on("request", lambda request: self._asked(request.url))
        context.on("requestfailed", lambda r: say(f"failed: {r.method} {r.url}: {r.failure}"))
        context.on("response", lambda r: say(f"{r.status}: {r.url}") if r.status >= 400 else None)
        context.on("weberror", lambda error: say(f"error of a script: {error.error}"))
        context.on("console", lambda m: say(_told(m)) if m.type in _LOUD else None)
        context.on("dialog", lambda dialog: (say(f"a dialog: {dialog.message}"), dialog.dismiss()))
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.goto(address)
        return page

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc not in self._hosts:
            self._complaints.append(f"asked beyond the host: {url}")

    def complaints(self) -> list[str]:
        """Return what pages complained of since this was last asked."""
        found = list(self._complaints)
        self._complaints.clear()
        return found

    def close(self) -> None:
        """Close all pages; fails if any complained of anything that nobody asked about."""
        with self.canary:
            for close in self._closing:
                close()
            complaints = self.complaints()
            assert not complaints, "\n".join(complaints)
            assert untouched(self.canary), "a page tried to reach beyond this machine"


_LOUD = ("error", "warning", "assert")


def _told(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text} ({message.location['url']})"


def axe(page: Page) -> None:
    """Check that axe-core finds nothing serious or critical on a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    wrong = [
        f"{each['impact']}: {each['help']} ({each['id']})\n"
        f"  {' '.join(map(str, node['target']))}\n  {node['html'][:200]}\n"
        f"  {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def shot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page as build/screenshots/NAME.png."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path


def sideways(page: Page) -> list[str]:
    """Return what sticks out of the page to the right, if the page scrolls sideways."""
    return page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        const right = e => {
            const box = e.getBoundingClientRect();
            return Math.max(box.right, box.left + e.scrollWidth);
        };
        return [document.documentElement, ...document.querySelectorAll('body *')]
            .filter(e => right(e) > width + 1)
            .map(e => e.outerHTML.slice(0, 120));
    }""")
