"""Browser tests: pages and the live viewer in Chromium (Debian's chromium-driver and python3-selenium).

run.sh starts them. WHYCLIP names the command, SOURCE the repository, AXE axe.min.js (absent: accessibility tests skip).
"""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

WHYCLIP = os.environ["WHYCLIP"]
SOURCE = pathlib.Path(os.environ["SOURCE"])
PICTURES = SOURCE / "examples" / "pictures"
CAT, BOTH = str(PICTURES / "cat.png"), str(PICTURES / "cat_and_dog.jpg")
WIDTHS = (400, 1280, 2560)
SCHEMES = ("light", "dark")

# Name: the command that writes the page, and the page's file. {wide} is an image of 4000 × 600 pixels.
PAGES = {
    "explanation": ["explain", BOTH, "--class", "cat", "--versus", "dog", "--whole-image", "--certify"],
    "unsigned": ["explain", CAT, "--class", "cat", "--method", "gae"],
    "wide": ["explain", "{wide}", "--class", "cat"],
    "wide_whole": ["explain", "{wide}", "--class", "cat", "--whole-image"],
    "ledger": ["ledger", CAT, "--class", "cat", "--words", "--interaction", "--regions", "slic:12"],
    "comparison": ["compare", CAT, "--class", "cat", "--methods", "contributions,gae,rise,integrated-gradients,tis",
                   "--words", "--regions", "blocks:2x2"],
    "inspection": ["inspect", CAT, "--class", "cat"],
    "tracing": ["tracing", CAT, "--class", "cat"],
    "deoptimisation": ["deoptimise", CAT, "--class", "cat", "--steps", "10"],
    "concepts": ["concepts", CAT],
    "heads": ["heads", str(SOURCE / "datasets" / "toons" / "pictures"), "--layers", "1"],
    "regions": ["regions", CAT],
    "evaluation": ["evaluate", str(SOURCE / "datasets" / "toons"), "--images", "4",
                   "--methods", "contributions,gae,grad-cam", "--metrics", "deletion,insertion,pointing-game"],
}


def command(*arguments):
    return subprocess.run([WHYCLIP, *arguments], check=True, capture_output=True, text=True)


def wide_image(folder):
    """A drawing whose sides are far from equal."""
    from PIL import Image
    path = folder / "wide.png"
    with Image.open(BOTH) as image:
        image.convert("RGB").resize((4000, 600)).save(path)
    return str(path)


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The pages, written by the command: name → path."""
    folder = tmp_path_factory.mktemp("pages")
    wide = wide_image(folder)
    written = {}
    for name, arguments in PAGES.items():
        out = folder / name
        command(*[argument.format(wide=wide) for argument in arguments], "--out", str(out), "--quiet")
        (written[name],) = out.glob("*.html")
    return written


class Browser:
    """Chromium at one width and colour scheme."""

    def __init__(self, driver):
        self.driver = driver

    def show(self, address, width=1280, height=900, scheme="light"):
        """Opens an address and waits until the viewer has drawn."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get_log("browser")
        self.driver.get(address)
        self.wait("document.querySelector('main h1') !== null")

    def wait(self, condition, seconds=30):
        """Waits until a JavaScript expression holds."""
        from selenium.webdriver.support.ui import WebDriverWait
        WebDriverWait(self.driver, seconds, 0.02).until(lambda driver: driver.execute_script(f"return {condition}"))

    def get(self, expression):
        return self.driver.execute_script(f"return {expression}")

    def messages(self):
        """What the console says: errors, warnings, refused requests."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def violations(self):
        """Accessibility faults that axe finds, a line each. None without axe."""
        path = os.environ.get("AXE", "")
        if not path:
            pytest.skip("axe-core is not there: tests/browser/run.sh downloads it")
        self.driver.execute_script(pathlib.Path(path).read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations))")
        return [f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['target']} {node['html'][:160]}"
                for rule in found for node in rule["nodes"][:3]]


@pytest.fixture(scope="session")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with tempfile.TemporaryDirectory() as profile:
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--force-device-scale-factor=1", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(service=Service(os.environ.get("CHROMEDRIVER", "/usr/bin/chromedriver")),
                                  options=options)
        try:
            yield Browser(driver)
        finally:
            driver.quit()


def payload(page):
    """The result that a page has inlined."""
    text = page.read_text()
    start = text.index('id="payload">') + len('id="payload">')
    return json.loads(text[start:text.index("</script>", start)])
