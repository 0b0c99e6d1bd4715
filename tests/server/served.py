"""A running "whyclip serve" and ways to talk to it, for the tests of this folder."""
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WHYCLIP = os.environ.get("WHYCLIP", str(REPOSITORY / "build/developer/whyclip"))
LONGEST = 120  # seconds that anything may take: machines that run tests are slow and busy
EVENTS = {"Accept": "text/event-stream"}
# Work of many minutes that looks at its progress often.
ENDLESS = ("deoptimise", {"image": "example:cat.png", "options": {"steps": 10000, "restarts": 64, "templates": "simple"}})


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    def error(self):
        return self.json()["error"]


def command(*arguments, **options):
    """What the command prints, called in the repository."""
    run = subprocess.run([WHYCLIP, *arguments], cwd=REPOSITORY, env=environment(), capture_output=True, **options)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("WHYCLIP_")}


def wait_for(condition, what):
    """Waits until the condition holds."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not in {LONGEST} s: {what}")


class Served:
    """A server on a free port, ended by stop()."""

    def __init__(self, *arguments, port=0):
        self.process = subprocess.Popen([WHYCLIP, "serve", "--port", str(port), "--no-cache", *arguments],
                                        cwd=REPOSITORY, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://"), self.process.stderr.read()
        self.port = int(re.search(r":(\d+)/", self.url).group(1))

    def request(self, method, path, body=None, headers=None):
        """One request. A dictionary is sent as JSON."""
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, call, body, headers=None):
        return self.request("POST", f"/api/v1/{call}", body, headers)

    def open(self, call, body, headers=None):
        """Sends a call and returns its socket, without waiting for the answer."""
        content = json.dumps(body).encode()
        lines = [f"POST /api/v1/{call} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Content-Type: application/json",
                 f"Content-Length: {len(content)}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        return self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + content)

    def raw(self, content):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST)
        connection.sendall(content)
        return connection

    def metric(self, name):
        """A number of /metrics; 0 if it is not there yet."""
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0

    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def stop(self, how=signal.SIGTERM):
        """Ends the server by a signal; None: it ends already. Returns its exit status."""
        if how is not None and self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(LONGEST)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.process.stderr.close()


@contextlib.contextmanager
def serving(*arguments, **options):
    server = Served(*arguments, **options)
    try:
        yield server
    finally:
        server.stop()


def events_of(body):
    """The events of a stream: pairs of name and data."""
    blocks = body.decode().strip().split("\n\n")
    pairs = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]
