"""The website, looked at with a browser.

It needs the built site (``make docs``; ``MINITF_SITE`` names another folder), playwright and a
Chromium (``MINITF_CHROMIUM`` names it where it is not found): ``make test-website``.
"""

import functools
import http.server
import os
import re
import shutil
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("MINITF_SITE") or ROOT / "docs" / "_build" / "html")
START = "docs/index.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip

if not (SITE / START).is_file():
    pytest.skip(f"there is no website in {SITE}: make docs", allow_module_level=True)


def pages(*patterns):
    """Return pages of the site by their addresses in it."""
    return sorted(p.relative_to(SITE).as_posix() for g in patterns for p in SITE.glob(g))


CHAPTERS = [p for p in pages("chapters/*/*.html") if not p.endswith("/index.html")]
EXERCISES = pages("exercises/*/*.html")
UNITS = pages("chapters/*/index.html")
READ = [START, *pages("docs/glossary.html", "docs/architecture.html", "docs/api/index.html",
                      "docs/api/tf.show.html", "docs/api/family/ops.products.html"),
        *UNITS, *CHAPTERS, *EXERCISES]  # fmt: skip
# One page of each kind, for what is slow.
KINDS = [START, *UNITS[:1], *CHAPTERS[:1], *CHAPTERS[-1:], *EXERCISES[:1],
         *pages("docs/glossary.html", "docs/api/family/ops.products.html")]  # fmt: skip


# -- the browser


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    """The address of the site on a server of this machine."""
    handler = functools.partial(Silent, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    found = os.environ.get("MINITF_CHROMIUM") or installed
    if not found:
        pytest.skip("there is no Chromium: MINITF_CHROMIUM can name one")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


class Visit:
    """A page that is open in the browser, and what it complained of."""

    def __init__(self, browser, address, **options):
        self.address = address
        self.page = browser.new_page(**options)
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("request", self._watch)
        self.page.on("response", self._answer)

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _watch(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked for {request.url}")

    def _answer(self, response):
        if response.status >= 400:
            self.complaints.append(f"{response.status} for {response.url}")

    def open(self, name):
        self.page.goto(self.address + name, wait_until="load")
        return self.page


@pytest.fixture
def visit(browser, address):
    """A function that opens a page; in the end no page may have complained of anything."""
    visits = []

    def open_page(name, **options):
        visits.append(Visit(browser, address, **options))
        return visits[-1].open(name)

    yield open_page
    for one in visits:
        one.page.close()
    assert [c for one in visits for c in one.complaints] == []


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("name", READ)
def test_a_page_opens_without_errors_and_asks_nobody_else(name, visit):
    page = visit(name)
    assert page.locator("h1:visible").count() == 1


def test_the_site_begins_with_the_start_page(visit):
    page = visit("index.html")
    page.wait_for_url("**/" + START)
    assert page.locator("h1:visible").inner_text().startswith("Learn deep learning")


def test_the_map_shows_nine_units_and_says_which_are_to_come(visit):
    items = visit(START).locator(".course-map > li")
    assert items.count() == 9
    links = items.locator("a").count()
    assert links == len(UNITS)
    assert items.filter(has_text="(to come)").count() == 9 - links


@pytest.mark.parametrize("name", READ)
def test_no_page_is_wider_than_a_phone(name, visit):
    page = visit(name, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_dark_mode_is_dark(visit):
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    assert min(visit(START, color_scheme="light").evaluate(brightness)[:3]) > 230
    assert max(visit(START, color_scheme="dark").evaluate(brightness)[:3]) < 50


def test_mathematics_is_drawn_with_fonts_of_our_own(visit):
    with_maths = [p for p in CHAPTERS if 'class="math' in (SITE / p).read_text(encoding="utf-8")]
    page = visit(with_maths[0])
    page.locator("mjx-container").first.wait_for()
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded' && /MJX/.test(f.family)).length"
    assert page.evaluate(loaded) > 0


# -- searching and unfolding


@pytest.mark.parametrize(
    ("words", "found"),
    [("ready queue", "docs/glossary"), ("matmul", "docs/api/family/ops.products")],
)
def test_the_search_finds(words, found, visit):
    page = visit(f"search.html?q={words}")
    page.locator(f'#search-results a[href*="{found}"]').first.wait_for(timeout=20_000)


def test_the_search_field_leads_to_the_search(visit):
    page = visit(START)
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:visible").first.fill("backpropagation")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=backpropagation*")


@pytest.mark.parametrize("name", EXERCISES[:1])
def test_hints_and_solution_are_folded_and_open(name, visit):
    folds = visit(name).locator("details.sd-dropdown")
    assert folds.count() >= 4
    for i in range(folds.count()):
        fold = folds.nth(i)
        body = fold.locator(".sd-summary-content")
        assert not body.is_visible()
        fold.locator("summary").click()
        body.wait_for(state="visible")


def test_a_quiz_tells_what_is_right_when_an_option_is_opened(visit):
    with_quiz = [p for p in CHAPTERS if 'class="quiz' in (SITE / p).read_text(encoding="utf-8")]
    options = visit(with_quiz[0]).locator(".quiz").first.locator(".quiz-option")
    verdicts = []
    for i in range(options.count()):
        assert not options.nth(i).locator("p").is_visible()
        options.nth(i).locator("summary").click()
        verdicts.append(options.nth(i).locator("p").inner_text().partition(" ")[0])
    assert set(verdicts) == {"Right.", "No."}


# -- the viewer


@pytest.fixture
def viewer(visit):
    page = visit(START)
    page.locator(".minitf-viewer[data-ready]").wait_for()
    return page.locator(".minitf-viewer")


def press(viewer, name):
    viewer.locator(f"[data-do={name}]").click()


def queue(viewer):
    """Return the names in the ready queue, as they stand there."""
    return viewer.locator(".mv-queue button").all_inner_texts()


def plan(viewer):
    return viewer.evaluate("root => root.minitfViewer.data")


def test_the_viewer_runs_exactly_as_minitf_recorded_it(viewer):
    data = plan(viewer)
    run = data["run"]
    titles = [data["nodes"][step["node"]]["title"] for step in run["steps"]]
    waiting = [i for i, step in enumerate(run["steps"]) if step["waits"] == 0]
    assert len(run["order"]) > 5
    for number, event in enumerate(run["order"], 1):
        assert queue(viewer) == [titles[i] for i in waiting]
        press(viewer, "step")
        waiting.remove(event["step"])
        waiting += event["ready"]
        freed = viewer.locator(".mv-values .mv-freed").all_inner_texts()
        assert freed == [data["tensors"][t]["name"] for t in event["freed"]]
        assert f"Step {number} of {len(titles)}" in viewer.locator(".mv-status").inner_text()
    assert viewer.locator("[data-do=step]").is_disabled()
    assert "The run is over" in viewer.locator(".mv-status").inner_text()


def test_the_viewer_goes_back_and_begins_again(viewer):
    before = queue(viewer)
    press(viewer, "step")
    after = queue(viewer)
    press(viewer, "step")
    press(viewer, "back")
    assert queue(viewer) == after
    press(viewer, "reset")
    assert queue(viewer) == before
    assert viewer.locator(".mv-done").count() == 0


def test_the_viewer_plays_by_itself(viewer):
    press(viewer, "play")
    assert viewer.locator("[data-do=play]").inner_text() == "Pause"
    viewer.locator(".mv-done").nth(1).wait_for()
    press(viewer, "play")
    assert viewer.locator("[data-do=play]").inner_text() == "Play"


def test_an_operation_that_is_ready_fires_when_it_is_clicked_and_no_other_does(viewer):
    viewer.locator(".mv-idle").last.click()
    assert viewer.locator(".mv-done").count() == 0
    viewer.locator(".mv-ready").first.click()
    assert viewer.locator(".mv-done").count() == 1


def test_the_viewer_tells_shapes_values_and_the_line(viewer):
    press(viewer, "step")
    viewer.locator(".mv-ready").first.hover()
    viewer.locator(".mv-ready").first.click()
    facts = viewer.locator(".mv-details").inner_text()
    assert "float32 4 x 10" in facts
    assert "written in" in facts
    assert viewer.locator(".mv-details .mv-value").count() > 0


def test_the_viewer_can_be_used_without_a_mouse(viewer):
    first = viewer.locator(".mv-node[tabindex='0']")
    first.focus()
    first.page.keyboard.press("ArrowDown")
    assert viewer.locator(".mv-node:focus").get_attribute("data-node") != "0"
    ready = viewer.locator(".mv-ready").first
    ready.focus()
    ready.page.keyboard.press("Enter")
    assert viewer.locator(".mv-done").count() == 1


def test_the_viewer_zooms(viewer):
    width = "root => root.querySelector('svg').getBoundingClientRect().width"
    before = viewer.evaluate(width)
    press(viewer, "larger")
    assert viewer.evaluate(width) > 1.2 * before
    press(viewer, "fit")
    assert viewer.evaluate(width) == pytest.approx(before, rel=0.01)


# -- for everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_no_barrier(name, scheme, visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not there")
    page = visit(name, color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_timeout(300)
    found = axe.Axe().run(page, options={"preload": False}).response["violations"]
    told = [
        f"{v['id']} ({v['impact']}): {v['help']}: {n['target']} {n['html'][:160]}"
        for v in found
        for n in v["nodes"][:3]
    ]
    assert told == []


# -- without a browser


class Page(HTMLParser):
    """Collects the ids, the links and the pictures of a page."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.pictures, self.headings = set(), [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found.get("id"), found.get("name")} - {None}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag == "img":
            self.pictures.append(found)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


@functools.cache
def parsed(path):
    return Page(path)


def broken(path):
    """Yield the links of a page that lead nowhere in the site."""
    here = "site:///" + path.relative_to(SITE).as_posix()
    for link in parsed(path).links:
        target, anchor = urldefrag(urljoin(here, link))
        if not target.startswith("site:"):
            continue
        file = SITE / unquote(urlparse(target).path).lstrip("/")
        if not file.is_file():
            yield f"{path.relative_to(SITE)}: {link}"
        elif anchor and file.suffix == ".html" and unquote(anchor) not in parsed(file).ids:
            yield f"{path.relative_to(SITE)}: {link} (no such place)"


def test_every_link_inside_the_site_leads_somewhere():
    files = [p for p in SITE.rglob("*.html") if "lite" not in p.relative_to(SITE).parts]
    assert len(files) > 50
    found = sorted({line for path in files for line in broken(path)})
    assert found == [], "\n".join(found[:30])


@pytest.mark.parametrize("name", READ)
def test_every_picture_of_a_page_is_described(name):
    undescribed = [p.get("src", "")[:80] for p in parsed(SITE / name).pictures if "alt" not in p]
    assert undescribed == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_pictures_of_a_chapter_say_what_they_show(name):
    drawn = [p for p in parsed(SITE / name).pictures if "_images" in p.get("src", "")]
    names_only = [p["src"] for p in drawn if len(p.get("alt", "").split()) < 4]
    assert names_only == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_offers_its_notebook(name):
    links = [link for link in parsed(SITE / name).links if link.endswith(".ipynb")]
    assert any("notebooks/" in link and not link.startswith("http") for link in links)
