"""Five flows in headless Chromium; skipped where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

webdriver = pytest.importorskip("selenium.webdriver")
CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM.exists() and DRIVER.exists()), reason="needs Chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WAIT = 60


@pytest.fixture(scope="module")
def site(run_folder):
    command = [sys.executable, "-m", "recexplainer", "explore", str(run_folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().split()[0].rstrip("/")
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture
def browser(started, site):
    """A browser that has nothing to complain of, and asked nobody else, when the flow is over."""
    started.get("about:blank")
    started.get_log("browser"), started.get_log("performance")
    yield started
    assert started.get_log("browser") == []
    sent = [json.loads(one["message"])["message"] for one in started.get_log("performance")]
    asked = [one["params"] for one in sent if one["method"] == "Network.requestWillBeSent"]
    talks = [one["params"] for one in sent if one["method"] == "Network.webSocketCreated"]
    urls = [one["request"]["url"] for one in asked]
    urls += [one["url"].replace("ws:", "http:", 1) for one in talks]
    assert urls
    assert [url for url in urls if not url.startswith((site, "data:", "about:"))] == []


def wait_for(browser, script: str):
    """Return what the script returns once that is something."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if found := browser.execute_script(f"return {script}"):
            return found
        time.sleep(0.02)
    raise AssertionError(f"never came: {script}")


ROWS = "[...document.querySelectorAll('button.row')].map(row => row.innerText).join('|')"
READY = (
    "document.querySelector('.explanation blockquote') && !document.querySelector('.waiting') && "
)
OUT = "document.querySelectorAll('.chip.out').length"


def press(browser, key: str) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.switch_to.active_element.send_keys(getattr(Keys, key))


def test_a_chip_by_keyboard_changes_list_and_address_and_back_restores(browser, site) -> None:
    browser.get(f"{site}/user/u1")
    before = wait_for(browser, READY + ROWS)
    browser.execute_script("document.querySelector('.chip button').focus()")
    press(browser, "ENTER")
    wait_for(browser, f"{OUT} == 1")
    wait_for(browser, "location.search.startsWith('?without=')")
    kept = wait_for(browser, "document.activeElement.dataset.key")
    assert kept.startswith("chip ")
    browser.back()
    wait_for(browser, f"{OUT} == 0")
    assert wait_for(browser, READY + ROWS) == before
    assert browser.current_url == f"{site}/user/u1"


def test_a_reload_restores_what_was_shown(browser, site) -> None:
    browser.get(f"{site}/user/u1")
    wait_for(browser, READY + ROWS)
    browser.execute_script("document.querySelectorAll('.chip button')[2].click()")
    wait_for(browser, f"{OUT} == 1")
    shown = wait_for(browser, READY + ROWS)
    browser.refresh()
    wait_for(browser, f"{OUT} == 1")
    assert wait_for(browser, READY + ROWS) == shown


def test_arrow_keys_walk_the_list_and_enter_explains(browser, site) -> None:
    browser.get(f"{site}/user/u1")
    wait_for(browser, READY + ROWS)
    browser.execute_script("document.querySelector('button.row').focus()")
    press(browser, "ARROW_DOWN")
    title = browser.execute_script(
        "return document.activeElement.querySelector('.title').innerText"
    )
    press(browser, "ENTER")
    wait_for(
        browser,
        f"document.querySelector('.explanation h2').innerText == {json.dumps(f'Why “{title}”?')}",
    )
    wait_for(browser, "location.search.startsWith('?item=')")


def test_a_claim_tells_its_numbers_on_focus(browser, site) -> None:
    browser.get(f"{site}/user/u1")
    wait_for(browser, READY + "document.querySelector('.claim')")
    shown = "getComputedStyle(document.querySelector('.claim .tip')).display"
    assert browser.execute_script(f"return {shown}") == "none"
    browser.execute_script("document.querySelector('.claim').focus()")
    assert browser.execute_script(f"return {shown}") == "block"


def test_hostile_titles_stay_words_on_a_narrow_page(browser, site) -> None:
    browser.set_window_size(500, 900)
    browser.get(f"{site}/user/u0?item=drama0")
    wait_for(browser, READY + "document.body.innerText.includes('<svg onload')")
    assert browser.execute_script("return document.title") == "Explore short"
    assert browser.execute_script("return document.querySelectorAll('main iframe').length") == 0
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(f"return {wide}") <= 0
