"""Start and end of the server."""
import contextlib
import http.client
import signal
import subprocess
import time

import pytest
import served


def start(*arguments, **options):
    """Runs a server that is expected to end by itself."""
    return subprocess.run([served.WHYCLIP, "serve", *arguments], cwd=served.REPOSITORY, env=served.environment(),
                          capture_output=True, text=True, timeout=served.LONGEST, **options)


def test_prints_one_line_and_nothing_else():
    server = served.Served()
    server.get("/healthz")
    server.get("/nothing")
    server.process.send_signal(signal.SIGTERM)
    out, err = server.process.communicate(timeout=served.LONGEST)
    assert (server.process.returncode, out, err) == (0, "", "")  # the address was read before
    assert server.url == f"http://127.0.0.1:{server.port}/"


def test_verbose_prints_requests_without_the_token():
    server = served.Served("--verbose", "--token", "a-long-secret")
    server.get("/?token=a-long-secret")
    server.process.send_signal(signal.SIGTERM)
    _, err = server.process.communicate(timeout=served.LONGEST)
    assert "GET / 303" in err and "secret" not in err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_with_0(how):
    assert served.Served().stop(how) == 0


@pytest.mark.parametrize("headers", [{}, served.EVENTS])
def test_a_server_that_works_ends_with_0(headers):
    server = served.Served()
    with contextlib.closing(server.open(*served.ENDLESS, headers)) as client:
        served.wait_for(lambda: server.metric('whyclip_running{lane="long"}') == 1, "the call runs")
        assert server.stop() == 0
        answer = client.makefile("rb").read()
    assert b"cancelled" in answer or answer == b""  # empty: the machine was too slow for an answer


@pytest.mark.parametrize("headers", [{}, served.EVENTS])
def test_work_that_notices_late_is_answered_all_the_same(headers):
    server = served.Served()
    body = {"image": "example:cat.png", "options": {"method": "rise", "method_options": {"masks": 1000000}}}
    with contextlib.closing(server.open("explain", body, headers)) as client:
        served.wait_for(lambda: server.metric('whyclip_running{lane="long"}') == 1, "the call runs")
        assert server.stop() == 0
        answer = client.makefile("rb").read()
    assert b"cancelled" in answer and (b"event: error" in answer or b" 503 " in answer)


def test_work_that_is_short_is_finished():
    server = served.Served()
    body = {"image": "example:cat.png", "options": {"method": "rise"}}
    with contextlib.closing(server.open("explain", body)) as client:
        served.wait_for(lambda: server.metric('whyclip_running{lane="long"}') == 1 or
                        server.metric('whyclip_requests_total{route="/api/v1/explain",status="200"}') == 1, "it was accepted")
        assert server.stop() == 0
        first = client.makefile("rb").readline()
    assert b" 200 " in first or b" 503 " in first or first == b""  # 503 and empty: on a slow machine


def test_a_server_that_stops_refuses_new_work():
    server = served.Served()
    with contextlib.closing(server.open(*served.ENDLESS)):
        served.wait_for(lambda: server.metric('whyclip_running{lane="long"}') == 1, "the call runs")
        server.process.send_signal(signal.SIGTERM)
        answers = []

        def refused():
            try:
                answers.append((server.get("/healthz"), server.post("classify", {"image": "example:cat.png"})))
                return answers[-1][0].status == 503
            except (ConnectionError, http.client.HTTPException):
                return True  # it has ended already
        served.wait_for(refused, "new work is refused")
    assert server.stop(None) == 0
    if answers and answers[-1][0].status == 503:
        assert answers[-1][0].json()["status"] == "draining"
        assert answers[-1][1].error()["code"] == "unavailable"


def test_a_killed_server_leaves_the_port_to_the_next():
    server = served.Served()
    with contextlib.closing(server.open(*served.ENDLESS)):
        served.wait_for(lambda: server.metric('whyclip_running{lane="long"}') == 1, "the call runs")
        server.stop(signal.SIGKILL)
    with served.serving(port=server.port) as other:
        assert other.port == server.port and other.get("/healthz").status == 200


def test_a_port_in_use_is_an_error_that_names_it():
    with served.serving() as server:
        second = start("--port", str(server.port))
        assert second.returncode == 1 and second.stdout == ""
        assert f"port {server.port}" in second.stderr and "--port 0" in second.stderr
        assert server.get("/healthz").status == 200


@pytest.mark.parametrize("arguments, words", [
    (["--images", "no/such/folder"], ["no/such/folder"]),
    (["--images", "README.md"], ["README.md", "folder"]),
    (["--address", "203.0.113.1"], ["203.0.113.1"]),
    (["--address", ""], ["--address", "127.0.0.1"]),
    (["--address", "no.such.name.invalid"], ["no.such.name.invalid"]),
    (["-m", "no/such/model/here"], ["no/such/model/here"]),
    (["-m", "embedded", "-m", "embedded"], ["embedded", "twice"]),
])
def test_what_cannot_be_served_is_an_error(arguments, words):
    run = start("--port", "0", "--offline", *arguments)
    assert run.returncode == 1 and run.stdout == ""
    assert all(word in run.stderr for word in words), run.stderr


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--queue", "0"], ["--max-pixels", "-1"], ["extra"]])
def test_options_out_of_range_are_wrong_usage(arguments):
    assert start(*arguments).returncode == 2


def test_the_limit_of_pixels_can_be_changed():
    with served.serving("--max-pixels", "1000") as server:
        assert server.get("/api/v1/image?id=example:cat.png").status == 413


def test_a_changed_image_of_the_folder_is_read_again(tmp_path):
    pictures = served.REPOSITORY / "examples/pictures"
    (tmp_path / "a.png").write_bytes((pictures / "cat.png").read_bytes())
    with served.serving("--images", str(tmp_path)) as server:
        first = server.get("/api/v1/image?id=folder:a.png").body
        (tmp_path / "a.png").write_bytes((served.REPOSITORY / "bench/drawings/000_boy_bird.png").read_bytes())
        assert server.get("/api/v1/image?id=folder:a.png").body != first


def test_silent_connections_do_not_delay_the_end():
    server = served.Served()
    with contextlib.ExitStack() as clients:
        for _ in range(5):
            clients.enter_context(server.raw(b"GET /"))
        server.get("/healthz")
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 2.5  # before their time is over
