"""The browser of the tests hears whatever a page does wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import PHONE, Browsing, axe, hosting, shot, sideways
from serving import until, untouched

pytestmark = pytest.mark.slow

SOUND = """<!DOCTYPE html><html lang="en"><head><title>Sound</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="style-src 'none'"></head>
<body><main><h1>Sound</h1>{}</main>
"""


@pytest.fixture
def opened(tmp_path: Path, browsing: Browsing):
    """Return what opens a sound page with something added."""
    with hosting(tmp_path, "/some/folder/") as address:

        def opening(added: str, **how):
            (tmp_path / "page.html").write_text(SOUND.format(added), "utf-8")
            return browsing.page(f"{address}page.html", **how)

        yield opening


def test_a_sound_page_is_heard_to_be_sound(opened, browsing: Browsing) -> None:
    page = opened("<p>All is well.")
    axe(page)
    assert page.title() == "Sound"
    assert sideways(page) == []
    assert shot(page, "sound").stat().st_size > 1000
    assert browsing.complaints() == []


@pytest.mark.parametrize(
    ("added", "heard"),
    [
        ("<script>console.error('oh')</script>", "error: oh"),
        ("<script>console.warn('hm')</script>", "warning: hm"),
        ("<script>throw Error('ah')</script>", "error of a script: ah"),
        ("<script>alert(1)</script>", "a dialog: 1"),
        ("<img src=missing.png alt=''>", "404: http://127.0.0.1:"),
        ("<img src=/elsewhere.png alt=''>", "404: http://127.0.0.1:"),
        ("<img src=http://127.0.0.1:9/x.png alt=''>", "asked beyond the host: http://127.0.0.1:9/"),
        (
            "<style>p { color: red }</style>",
            "error: Applying inline style violates",
        ),
    ],
)
def test_what_is_wrong_is_heard(opened, browsing: Browsing, added: str, heard: str) -> None:
    opened(added)
    complaints = browsing.complaints()
    assert any(c.startswith(heard) for c in complaints), complaints


def test_what_leaves_the_machine_is_heard(opened, browsing: Browsing) -> None:
    page = opened("<p>x")
    page.evaluate("() => { fetch('https://example.org/').catch(() => {}); }")
    until(lambda: page.wait_for_timeout(50) or browsing.complaints(), 10)
    assert not untouched(browsing.canary)
    page.close()
    browsing.complaints()


def test_workers_are_heard_too(opened, browsing: Browsing) -> None:
    page = opened("<p>x")
    page.evaluate("""() => new Promise(done => {
        const code = "fetch('http://127.0.0.1:9/w').catch(() => postMessage(1))";
        new Worker(URL.createObjectURL(new Blob([code]))).onmessage = done;
    })""")
    heard = list[str]()
    while not any(each.startswith("failed: GET http://127.0.0.1:9/w") for each in heard):
        page.wait_for_timeout(50)  # that it failed is told after it was asked for
        heard += browsing.complaints()
    assert "asked beyond the host: http://127.0.0.1:9/w" in heard


def test_what_cannot_be_read_is_found(opened) -> None:
    page = opened("<p><font color='#999999'>Grey on white", dark=True)
    with pytest.raises(AssertionError, match="color-contrast"):
        axe(page)


def test_what_sticks_out_is_found(opened) -> None:
    page = opened("<pre>" + "x" * 200 + "</pre>", width=PHONE)
    assert any(each.startswith("<pre>xxx") for each in sideways(page))


def test_without_scripts_no_script_runs(opened) -> None:
    page = opened("<script>document.title = 'run'</script>", scripts=False)
    assert page.title() == "Sound"
