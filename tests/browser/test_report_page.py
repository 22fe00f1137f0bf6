# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a real browser: whole, readable, silent, and nothing in it but what we put there."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import write_report
from playwright.sync_api import sync_playwright


def load(name):
    """Load a file next to this one: the directory is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


samples = load("samples")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS)), None)
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine")

NAMES = ("pass", "fail", "inconclusive", "error", "ha_lost", "storm", "hostile", "empty", "many")
SCREENS = [(320, "light"), (360, "light"), (360, "dark"), (768, "light"), (1280, "light"), (1280, "dark")]

STICKS_OUT = """
[...document.querySelectorAll('body *')].filter(element => {
  const box = element.getBoundingClientRect(), card = element.closest('.card, .groups li, header');
  const room = card ? card.getBoundingClientRect() : {left: 0, right: innerWidth};
  return box.width && (box.right > room.right + 1 || box.left < room.left - 1);
}).map(element => element.outerHTML.slice(0, 120))
"""
# What WCAG asks of normal text, for all text outside the drawings, on the colors that lie behind it.
FAINT = """
(() => {
  const parse = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = color => color.slice(0, 3).map(part => part / 255)
    .map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
  const behind = element => {
    const layers = [];
    for (; element; element = element.parentElement) layers.push(parse(getComputedStyle(element).backgroundColor));
    return layers.reverse().reduce((below, above) => {
      const alpha = above.length > 3 ? above[3] : 1;
      return below.map((part, index) => part * (1 - alpha) + above[index] * alpha);
    }, [255, 255, 255]);
  };
  const shown = [...document.querySelectorAll('body *:not(svg *)')].filter(element => element.checkVisibility()
    && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  return shown.map(element => {
    const one = light(parse(getComputedStyle(element).color)), two = light(behind(element));
    const ratio = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
    return [ratio, element.className, element.textContent.slice(0, 40)];
  }).filter(([ratio]) => ratio < 4.5);
})()
"""
OVERLAP = """
[...document.querySelectorAll('.plot > svg')].flatMap(plot => {
  const boxes = [...plot.querySelectorAll('.time, .marker')].map(text => text.getBoundingClientRect())
    .filter(box => box.width);
  return boxes.flatMap((one, index) => boxes.slice(index + 1).filter(two => one.left < two.right - 1
    && two.left < one.right - 1 && one.top + 3 < two.bottom && two.top + 3 < one.bottom)).map(box => box.left);
})
"""


class Browser:
    """The machine's Chromium with one page; C(heard) is what it said that it must not say, and asked for beside it."""

    def __init__(self, program):
        self._program, self.heard = program, []

    def open(self, path, width, height=800, scheme="light", media="screen"):
        """Open a file as on a screen of that size."""
        for context in self._program.contexts:
            context.close()
        size = {"width": width, "height": height}
        self._page = self._program.new_context(viewport=size, is_mobile=width < 600).new_page()
        self.heard = []

        def hear(said):
            self.heard.append(said)

        for event in ("console", "pageerror", "dialog", "frameattached"):
            self._page.on(event, hear)
        self._page.on("request", lambda asked: asked.url == path.as_uri() or hear(asked.url))
        self._page.emulate_media(media=media, color_scheme=scheme)
        if media == "screen":  # else Chromium forgets that it is paper
            audits = self._page.context.new_cdp_session(self._page)
            audits.on("Audits.issueAdded", hear)
            audits.send("Audits.enable")
        self._page.goto(path.as_uri())
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def evaluate(self, script):
        """Return what a script of ours gets."""
        return self._page.evaluate(script)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield Browser(program)
        program.close()


@pytest.fixture(scope="session")
def page(tmp_path_factory):
    """Write the page of a sample once, and return its path."""
    folder, known = tmp_path_factory.mktemp("pages"), {}

    def write(name, verdict=None, **options):
        if name not in known:
            known[name] = folder / f"{name}.html"
            text = write_report(verdict or samples.SAMPLES[name](), "html", **options)
            known[name].write_text(text, encoding="utf-8")
        return known[name]

    return write


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_whole_on_every_screen(browser, page, name, width, scheme):
    path = page(name)
    browser.open(path, width, scheme=scheme)
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.evaluate("innerWidth") == width
    # Also what is normalized has to fit.
    browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert browser.evaluate(STICKS_OUT) == []
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.evaluate(FAINT) == []
    assert browser.evaluate(OVERLAP) == []
    assert browser.heard == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_is_in_the_first_screen(browser, page, name, width):
    browser.open(page(name), width, height=640)
    word = samples.SAMPLES[name]()["verdict"].upper()
    assert browser.evaluate("document.querySelector('h1').textContent") == word
    box = "document.querySelector('h1').getBoundingClientRect()"
    assert browser.evaluate(f"{box}.bottom < 200 && {box}.height > 30 && {box}.right <= innerWidth")
    assert browser.evaluate("document.title").startswith(f"{word}: ")
    for part in ("header", ".diagnosis") if name not in ("hostile", "ha_lost") else ("header",):
        first = browser.evaluate(f"document.querySelector('{part}')?.getBoundingClientRect().bottom ?? 0")
        assert first < 640 or (part, width) == (".diagnosis", 320), first


def test_hostile_text_stays_text(browser, page):
    """The page has just the elements that it has with harmless words of as many lines in the same places."""
    count = "document.querySelectorAll('*').length + ' ' + document.querySelectorAll('body *[style], script, a').length"
    browser.open(page("hostile"), 1280)
    found, title = browser.evaluate(count), browser.evaluate("document.title")
    harmless = [
        "\n".join([f"word {number}"] * (text.count("\n") + 1)) if text else ""
        for number, text in enumerate(samples.HOSTILE)
    ]
    browser.open(page("harmless", samples.hostile(harmless)), 1280)
    assert found == browser.evaluate(count)
    assert found.endswith(" 0")
    assert title == browser.evaluate("document.title")


def test_a_title_is_text_too(browser, page):
    path = page("title", samples.whole(samples.passed()), title="</title><script>x</script>", run_id="<b>")
    browser.open(path, 360)
    assert browser.evaluate("document.title") == "PASS: </title><script>x</script>"
    assert browser.evaluate("document.querySelectorAll('script, b').length") == 0


def test_check_mode_is_seen_and_never_green(browser, page):
    color = "getComputedStyle(document.querySelector('header')).backgroundColor"
    browser.open(page("pass"), 1280)
    green = browser.evaluate(color)
    browser.open(page("check", samples.whole(samples.passed()), check_mode=True), 360, height=640)
    assert browser.evaluate(color) != green
    assert "check mode: the change was not made" in browser.evaluate("document.querySelector('.check').innerText")
    assert browser.evaluate("document.querySelector('.check').getBoundingClientRect().bottom < 200")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_and_hides_nothing(browser, page, scheme):
    browser.open(page("fail"), 720, scheme=scheme, media="print")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    lines = "[...document.querySelectorAll('.log li')].map(line => line.checkVisibility())"
    assert set(browser.evaluate(lines)) == {True}
    assert browser.evaluate(FAINT) == []
    browser.open(page("fail"), 720, scheme=scheme)
    assert set(browser.evaluate(lines)) == {False}


@pytest.mark.parametrize(("width", "most"), [(360, 8), (1280, 24)])
def test_a_storm_stays_readable(browser, page, width, most):
    browser.open(page("storm"), width)
    shown = "[...document.querySelectorAll('.card.fail .plot > svg')].find(plot => plot.getBoundingClientRect().width)"
    marks = browser.evaluate(
        f"[...{shown}.querySelectorAll('g.t-fail:not(.old)')].map(mark => [mark.querySelector('svg g')"
        ".getBoundingClientRect().left, Number(mark.querySelector('.number')?.textContent ?? 1),"
        " mark.querySelector('title').textContent])"
    )
    assert sum(number for _left, number, _title in marks) == 200
    assert len(marks) <= most
    lefts = [left for left, _number, _title in marks]
    assert all(after - before >= 18 for before, after in zip(lefts, lefts[1:]))
    assert all(title.startswith("failure, 2026-11-23 10:") for _left, _number, title in marks)
