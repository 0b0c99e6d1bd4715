"""A server for the browser tests, and what they read of the live viewer's page."""

import re
import subprocess
import urllib.parse

from conftest import SOURCE, WHYCLIP


class Server:
    """whyclip serve on a free port, with the drawings of the repository as its folder."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.process = None
        self.port = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [WHYCLIP, "serve", "--port", str(self.port), "--images", str(SOURCE / "datasets" / "toons" / "pictures"),
             *self.arguments], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.port = int(re.search(r":(\d+)", self.address)[1])

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def at(self, **state):
        return self.address + "?" + urllib.parse.urlencode(state, doseq=True)


HEADLINE = "document.querySelector('.live-result h1')?.textContent ?? ''"


def wait_for_headline(browser, text, seconds=30):
    browser.wait(f"({HEADLINE}).includes({text!r}) && document.querySelector('.live-result').getAttribute('aria-busy') === 'false'",
                 seconds)


def ranking(browser):
    """The class names, the best first."""
    return browser.get("[...document.querySelectorAll('.ranking .name')].map((e) => e.textContent)")
