"""Every page: no console message, no request, no overflow, no accessibility fault; keyboard; contents."""

import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from conftest import PAGES, SCHEMES, WIDTHS, payload


def address(pages, name):
    return pages[name].as_uri()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_is_silent(browser, pages, name, width, scheme):
    browser.show(address(pages, name), width=width, scheme=scheme)
    assert browser.messages() == []
    assert browser.get("document.documentElement.scrollWidth") <= width
    assert browser.get("performance.getEntriesByType('resource').filter((r) => !r.name.startsWith('data:')).length") == 0
    headline = payload(pages[name])["result"].get("headline")
    assert browser.get("document.querySelector('h1').textContent") == (headline or "What does each region of cat.png contribute to each score?")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(browser, pages, name, scheme):
    browser.show(address(pages, name), scheme=scheme)
    assert browser.violations() == []


@pytest.mark.parametrize("name", PAGES)
def test_page_has_tables_without_scripts(pages, name):
    text = pages[name].read_text()
    noscript = text[text.index("<noscript>"):text.index("</noscript>")]
    assert "<table>" in noscript and "<h1>" in noscript


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_can_be_clicked_can_be_focused(browser, pages, name):
    browser.show(address(pages, name))
    unreachable = browser.get("""[...document.querySelectorAll('button, a[href], input, select, summary, [role=button]')]
        .filter((e) => e.tabIndex < 0 && !e.closest('[hidden]') && !e.closest('[role=grid], [role=listbox], [role=tablist],'
        + '[role=toolbar], [role=radiogroup]')).map((e) => e.outerHTML.slice(0, 120))""")
    assert unreachable == []


def test_arrow_keys_move_the_cursor_and_read_the_patch(browser, pages):
    browser.show(address(pages, "explanation"))
    stage = browser.driver.find_element("css selector", ".stage")
    browser.driver.execute_script("arguments[0].focus()", stage)
    keys = ActionChains(browser.driver)
    keys.send_keys(Keys.ARROW_RIGHT).perform()
    first = browser.get("document.querySelector('.tooltip').textContent")
    keys.send_keys(Keys.ARROW_DOWN).perform()
    second = browser.get("document.querySelector('.tooltip').textContent")
    assert re.search(r"[Rr]ow \d+, column \d+", first) and first != second
    assert browser.get("document.querySelector('.stage .cursor').hidden") is False


def test_map_is_drawn_from_the_numbers(browser, pages):
    """The strongest patch is the most opaque pixel block of the canvas."""
    browser.show(address(pages, "explanation"))
    map_ = payload(pages["explanation"])["result"]
    values, grid = map_["attribution"]["patches"], map_["image"]["grid"]
    strongest = max(range(len(values)), key=lambda i: abs(values[i]))
    row, column = divmod(strongest, grid["columns"])
    alpha = browser.get("""(() => {
      const canvas = document.querySelector('.stage canvas.heat'), context = canvas.getContext('2d');
      const at = (row, column) => context.getImageData((column + .5) * canvas.width / %d | 0,
                                                       (row + .5) * canvas.height / %d | 0, 1, 1).data[3];
      const all = [];
      for (let r = 0; r < %d; ++r) for (let c = 0; c < %d; ++c) all.push(at(r, c));
      return all; })()""" % (grid["columns"], grid["rows"], grid["rows"], grid["columns"]))
    assert alpha[row * grid["columns"] + column] == max(alpha) >= 250
    assert min(alpha) < 128


def test_page_sizes(pages):
    """An explanation: at most 250 kB and the image."""
    page = payload(pages["explanation"])
    pictures = sum(len(picture) for picture in page["pictures"].values())
    assert pages["explanation"].stat().st_size - pictures <= 250_000


def test_same_call_gives_the_same_bytes(pages, tmp_path):
    from conftest import command
    arguments = PAGES["unsigned"]
    command(*arguments, "--out", str(tmp_path), "--quiet")
    (again,) = tmp_path.glob("*.html")
    assert again.read_bytes() == pages["unsigned"].read_bytes()
