"""The main paths of the live viewer, as a user clicks and types them."""

import json
import time

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from conftest import BOTH, CAT, SCHEMES, SOURCE, WIDTHS, command
from live import Server, ranking, wait_for_headline

TABS = {"explain": "Why did CLIP score", "compare": "by", "inspect": "made of", "regions": "", "words": "Why did CLIP score",
        "concepts": "", "certify": "Why did CLIP score"}


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


SECOND = str(SOURCE / "models" / "toons")  # as a folder, it has no default classes


@pytest.fixture(scope="module")
def two_models():
    server = Server("--model", "embedded", "--model", SECOND)
    yield server
    server.stop()


def show(browser, server, width=1280, scheme="light", **state):
    browser.show(server.at(**state), width=width, scheme=scheme)
    browser.wait("document.querySelectorAll('.ranking .name').length > 0")


def press(browser, selector, text):
    """Clicks the element of this text."""
    for element in browser.driver.find_elements(By.CSS_SELECTOR, selector):
        if element.text.strip() == text:
            element.click()
            return
    raise AssertionError(f"no {selector} says {text!r}")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_start_page_fits_and_is_silent(browser, server, width, scheme):
    show(browser, server, width=width, scheme=scheme)
    wait_for_headline(browser, "Why did CLIP score")
    assert browser.messages() == []
    assert browser.get("document.documentElement.scrollWidth") <= width
    assert browser.violations() == []


def test_first_paint_needs_one_script_and_one_style(browser, server):
    show(browser, server)
    files = browser.get("performance.getEntriesByType('resource').map((r) => new URL(r.name).pathname)")
    assert sorted(f for f in files if f.startswith("/assets/")) == ["/assets/live.js", "/assets/viewer.css"]
    assert browser.get("performance.getEntriesByType('navigation')[0].responseStatus ?? 200") == 200


def test_answer_is_the_commands(browser, server):
    """The headline and the ranking are those that the command prints."""
    show(browser, server, image="example:cat.png")
    wait_for_headline(browser, "cat.png")
    result = json.loads(command("explain", CAT, "--json", "--quiet").stdout)
    assert browser.get("document.querySelector('h1').textContent") == result["headline"]
    best = sorted(result["scores"], key=lambda row: -row["logit"])
    assert ranking(browser) == [row["name"] for row in best]


def test_typing_classes_changes_ranking_map_and_address(browser, server):
    show(browser, server, image="example:cat_and_dog.jpg")
    wait_for_headline(browser, "cat_and_dog.jpg")
    box = browser.driver.find_element(By.CSS_SELECTOR, "textarea")
    box.clear()
    box.send_keys("cat, dog, horse")
    browser.wait("document.querySelectorAll('.ranking .name').length === 3")
    assert set(ranking(browser)) == {"cat", "dog", "horse"}
    browser.wait("new URLSearchParams(location.search).getAll('class').includes('horse')")


def test_clicking_a_class_explains_it_and_a_second_one_contrasts_it(browser, server):
    show(browser, server, image="example:cat_and_dog.jpg")
    wait_for_headline(browser, "cat_and_dog.jpg")
    press(browser, ".ranking .name", "dog")
    wait_for_headline(browser, "“dog”")
    rows = browser.driver.find_elements(By.CSS_SELECTOR, ".ranking li")
    next(row for row in rows if row.text.startswith("cat")).find_element(By.CSS_SELECTOR, "button.against").click()
    wait_for_headline(browser, "“dog − cat”")
    browser.driver.back()
    wait_for_headline(browser, "“dog”")
    browser.driver.refresh()
    wait_for_headline(browser, "“dog”")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws_its_result(browser, server, tab):
    state = {"image": "example:cat.png", "target": "cat", "tab": tab}
    if tab == "compare":
        state["methods"] = ["contributions", "gae"]
    browser.show(server.at(**state))
    wait_for_headline(browser, TABS[tab], seconds=90)
    assert browser.messages() == []
    assert browser.get("document.documentElement.scrollWidth") <= 1280
    assert browser.violations() == []


def test_broken_image_is_refused_with_a_sentence_and_nothing_is_lost(browser, server, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n but no image follows")
    show(browser, server, image="example:cat.png")
    wait_for_headline(browser, "cat.png")
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(broken))
    browser.wait("[...document.querySelectorAll('[role=alert]')].some((e) => e.textContent.includes('broken.png'))")
    assert "cat.png" in browser.get("document.querySelector('h1').textContent")


def test_uploaded_image_is_explained(browser, server):
    show(browser, server, image="example:cat.png")
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(BOTH)
    wait_for_headline(browser, "cat_and_dog.jpg")
    assert "upload" in browser.get("location.search")


def test_box_over_patches_shows_their_sum_and_the_score_without_them(browser, server):
    show(browser, server, image="example:cat.png", target="cat")
    wait_for_headline(browser, "cat.png")
    press(browser, ".region-bar label, .region-bar button, .region-bar span", "Box")
    stage = browser.driver.find_element(By.CSS_SELECTOR, ".stage")
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", stage)
    size = stage.size
    (ActionChains(browser.driver).move_to_element_with_offset(stage, -size["width"] // 4, -size["height"] // 4)
     .click_and_hold().move_by_offset(size["width"] // 3, size["height"] // 3).release().perform())
    browser.wait("!document.querySelector('.marked').hidden")
    browser.wait("document.querySelector('.marked table') !== null", 30)
    assert browser.get("document.querySelector('.region-sum').textContent").strip()


def test_keyboard_alone_reaches_and_changes_the_explained_class(browser, server):
    show(browser, server, image="example:cat_and_dog.jpg")
    wait_for_headline(browser, "cat_and_dog.jpg")
    keys = ActionChains(browser.driver)
    for _ in range(60):
        keys.send_keys(Keys.TAB).perform()
        if browser.get("document.activeElement.matches('.ranking .name') && document.activeElement.textContent === 'dog'"):
            break
    keys.send_keys(Keys.ENTER).perform()
    wait_for_headline(browser, "“dog”")


def test_killed_server_is_announced_and_work_goes_on_when_it_is_back(browser):
    server = Server()
    show(browser, server, image="example:cat_and_dog.jpg")
    wait_for_headline(browser, "cat_and_dog.jpg")
    server.kill()
    press(browser, ".ranking .name", "dog")
    browser.wait("!document.querySelector('.banner').hidden")
    assert "whyclip serve" in browser.get("document.querySelector('.banner').textContent")
    server.start()
    wait_for_headline(browser, "“dog”", seconds=60)
    assert browser.get("document.querySelector('.banner').hidden")
    assert server.stop() == 0


def test_two_tabs_work_on_their_own(browser, server):
    show(browser, server, image="example:cat.png")
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    show(browser, server, image="example:cat_and_dog.jpg")
    wait_for_headline(browser, "cat_and_dog.jpg")
    browser.driver.close()
    browser.driver.switch_to.window(first)
    wait_for_headline(browser, "cat.png")


def test_hostile_texts_stay_texts(browser, server):
    hostile = "<img src=x onerror=alert(1)>"
    browser.show(server.at(image="example:cat.png", **{"class": [hostile, "cat"]}))
    browser.wait("document.querySelectorAll('.ranking .name').length === 2")
    assert hostile in ranking(browser)
    assert browser.get("document.querySelector('.live-result img[src=x], .ranking img') === null")
    time.sleep(0.1)
    assert browser.messages() == []


def errors(browser):
    """The sentences that the main area shows."""
    return browser.get("[...document.querySelectorAll('main .error')].filter((e) => e.checkVisibility()).map((e) => e.textContent)")


HOLD_FIRST_EXPLANATION = """
const send = window.fetch;
window.fetch = (...request) => {
  if (!String(request[0]).endsWith("/explain") || window.let_go) return send(...request);
  return new Promise((resolve) => { window.let_go = resolve; }).then(() => send(...request));
};
"""


def test_second_model_may_be_chosen_while_the_first_one_works(browser, two_models):
    run = browser.driver.execute_cdp_cmd
    script = run("Page.addScriptToEvaluateOnNewDocument", {"source": HOLD_FIRST_EXPLANATION})
    browser.driver.get(two_models.at(image="example:cat.png"))
    run("Page.removeScriptToEvaluateOnNewDocument", script)
    choice = "[...document.querySelectorAll('select')].find((e) => e.closest('label').textContent.includes('Compare with'))"
    browser.wait(f"window.let_go !== undefined && {choice}?.options.length === 2")
    browser.driver.execute_script(f"const choice = {choice}; choice.selectedIndex = 1; choice.dispatchEvent(new Event('change'))")
    assert browser.get("document.querySelector('.live-result').getAttribute('aria-busy')") == "true"
    browser.driver.execute_script("window.let_go()")
    browser.wait("document.querySelectorAll('.two-models article h1').length === 2")
    wait_for_headline(browser, "cat.png")


def test_error_of_the_second_model_stands_beside_the_result_of_the_first(browser, two_models):
    browser.show(two_models.at(image="example:cat.png", second="missing"))
    wait_for_headline(browser, "cat.png")
    assert browser.get("document.querySelectorAll('.live-result h1').length") == 1
    assert ["no model is called" in text for text in errors(browser)] == [True]


def test_model_without_default_classes_asks_for_some(browser, two_models):
    browser.driver.get(two_models.at(image="example:cat.png", model=SECOND))
    browser.wait("document.querySelector('main .error:not([hidden])') !== null")
    browser.driver.find_element(By.CSS_SELECTOR, "textarea").send_keys("cat, dog")
    wait_for_headline(browser, "cat.png")
    assert errors(browser) == []


@pytest.mark.parametrize("state, sentence", [
    ({"model": "missing"}, "no model is called"), ({"target": "unicorn"}, "unicorn"), ({"feature": "zz"}, "expected indices"),
    ({"by": "prompts", "prompt": "  "}, "is empty: write a text")])
def test_error_of_the_question_is_shown_where_the_result_would_be(browser, server, state, sentence):
    browser.driver.get(server.at(image="example:cat.png", **state))
    browser.wait("document.querySelector('.live-result')?.getAttribute('aria-busy') === 'false'")
    (shown,) = errors(browser)
    assert sentence in shown


def test_result_of_the_question_before_cannot_be_saved_after_an_error(browser, server):
    show(browser, server, image="example:cat.png")
    wait_for_headline(browser, "cat.png")
    feature = browser.driver.find_element(By.CSS_SELECTOR, "input[aria-describedby=feature-help]")
    browser.driver.execute_script("arguments[0].closest('details').open = true", feature)
    feature.send_keys("zz")
    browser.wait("!document.querySelector('.stale-note').hidden")
    browser.driver.find_element(By.CSS_SELECTOR, ".menu summary").click()
    browser.wait("document.querySelectorAll('.menu-items button:disabled').length === 3")


def test_patches_outside_of_the_grid_are_ignored_with_a_sentence(browser, server):
    show(browser, server, image="example:cat.png", patches="9999")
    browser.wait("!document.querySelector('.marked')?.hidden")
    assert browser.get("document.querySelector('.region-sum').textContent").startswith("1 marked patch is ignored")
    assert browser.get("document.querySelector('.marked .error') === null")
