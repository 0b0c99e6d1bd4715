"""Many clients at once, clients that go away, and slow ones."""
import concurrent.futures
import contextlib
import select
import time

import pytest
import served
import test_requests

CLIENTS = 32


@contextlib.contextmanager
def endless(server, headers=None):
    """A call that runs until its connection is closed."""
    connection = server.open(*served.ENDLESS, headers)
    with contextlib.closing(connection):
        yield connection


def running(server, lane="long"):
    return server.metric(f'whyclip_running{{lane="{lane}"}}') == 1


def waiting(server, lane="long"):
    return server.metric(f'whyclip_queue_length{{lane="{lane}"}}')


def test_clients_that_ask_at_once_all_get_the_answer(server):
    body = {"image": "example:cat_and_dog.jpg", "options": {"class": "cat"}}
    calls = [("explain", body), ("classify", {"image": "example:cat.png"})]
    expected = [server.post(*call).body for call in calls]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda i: server.post(*calls[i % 2]), range(4 * CLIENTS)))
    for i, answer in enumerate(answers):
        assert answer.status == 200 and answer.body == expected[i % 2]


def test_clients_with_events_all_get_the_result(server):
    body = {"image": "example:cat_and_dog.jpg", "options": {"class": "cat", "templates": "simple"}}
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda _: server.post("explain", body, served.EVENTS), range(CLIENTS)))
    results = [served.events_of(answer.body)[-1] for answer in answers]
    assert all(result == ("result", server.post("explain", body).json()) for result in results)


@pytest.mark.parametrize("headers", [{}, served.EVENTS])
def test_a_client_that_goes_away_cancels_its_work(server, headers):
    before = server.metric("whyclip_cancelled_total")
    with endless(server, headers):
        served.wait_for(lambda: running(server), "the call runs")
    served.wait_for(lambda: not running(server), "the work stops")
    assert server.metric("whyclip_cancelled_total") == before + 1


def test_a_client_that_goes_away_leaves_the_queue(server):
    with endless(server):
        served.wait_for(lambda: running(server), "the first runs")
        with endless(server):
            served.wait_for(lambda: waiting(server) == 1, "the second waits")
        served.wait_for(lambda: waiting(server) == 0, "the second is removed")
        assert running(server)
    served.wait_for(lambda: not running(server), "the first stops")


def test_quick_calls_do_not_wait_for_long_ones(server):
    with endless(server):
        served.wait_for(lambda: running(server), "the call runs")
        assert server.post("explain", {"image": "example:cat.png"}).status == 200
        assert running(server)
    served.wait_for(lambda: not running(server), "the work stops")


@pytest.mark.parametrize("method, values", [
    ("smoothgrad", {"samples": 100000}), ("vargrad", {"samples": 100000}), ("expected-gradients", {"samples": 100000}),
    ("integrated-gradients", {"nodes": 64, "tolerance": 1e-12}),
])
def test_many_passes_are_not_in_the_quick_lane(server, method, values):
    body = {"image": "example:cat.png", "options": {"method": method, "method_options": values}}
    with endless(server):
        served.wait_for(lambda: running(server), "the call runs")
        with contextlib.closing(server.open("explain", body)):
            served.wait_for(lambda: waiting(server) == 1, "the method waits in the long lane")
        served.wait_for(lambda: waiting(server) == 0, "it is removed")
    served.wait_for(lambda: not running(server), "the work stops")


def test_quick_calls_do_not_wait_for_files(server):
    tall = test_requests.png(1, 99_999_999)
    with contextlib.closing(server.raw(b"POST /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n"
                                       % (server.port, len(tall)) + tall)):
        served.wait_for(lambda: running(server, "files"), "the image is decoded")
        assert server.post("explain", {"image": "example:cat.png"}).status == 200
        assert running(server, "files")
    served.wait_for(lambda: not running(server, "files"), "the decoding ends")


def test_a_full_queue_refuses():
    with served.serving("--queue", "2") as server, contextlib.ExitStack() as clients:
        clients.enter_context(endless(server))
        served.wait_for(lambda: running(server), "the first runs")
        for count in (1, 2):
            clients.enter_context(endless(server, served.EVENTS))
            served.wait_for(lambda count=count: waiting(server) == count, "the others wait")
        for headers in ({}, served.EVENTS):
            answer = server.post("classify", {"image": "example:cat.png"}, headers)
            assert answer.status == 429 and answer.error()["code"] == "busy"
            assert int(answer.headers["Retry-After"]) >= 1
        assert server.metric("whyclip_rejected_total") == 2
        assert server.get("/healthz").status == 200
        clients.close()
        served.wait_for(lambda: not running(server) and waiting(server) == 0, "all are cancelled")
        assert server.metric("whyclip_cancelled_total") == 3
        assert server.post("classify", {"image": "example:cat.png"}).status == 200


@pytest.mark.parametrize("content, status", [
    (b"POST /api/v1/explain HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", b" 408 "),
    (b"POST /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 1000\r\n\r\n\xff", b" 408 "),
    (b"GET /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Slow: ", b" 400 "),
    (b"GET /api", b""),
])
def test_a_slow_client_is_sent_away(server, content, status):
    content = content % server.port if b"%d" in content else content
    with server.raw(content) as connection:
        assert server.get("/healthz").status == 200
        line = connection.makefile("rb").readline()
        assert line == b"" or status in line


def test_a_client_that_does_not_read_does_not_stop_others(server):
    body = {"image": "example:cat_and_dog.jpg", "options": {"regions": "patches"}}
    with contextlib.ExitStack() as clients:
        for _ in range(8):
            clients.enter_context(contextlib.closing(server.open("regions", body)))
        assert server.post("explain", {"image": "example:cat.png"}).status == 200


def test_memory_stays_bounded(server):
    """200 requests of every quick kind and uploads that are dropped."""
    grown = 96 << 20  # freed memory that the allocator keeps for each thread, and 64 small uploads
    picture = (served.REPOSITORY / "examples/pictures/cat_and_dog.jpg").read_bytes()
    calls = ["classify", "explain", "inspect", "regions", "remove"]

    def ask(i):
        kept = server.request("POST", "/api/v1/images", picture + bytes(str(i), "ascii")).json()["id"]
        return server.post(calls[i % len(calls)], {"image": kept, "options": {"templates": "simple"}}).status

    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        assert set(clients.map(ask, range(100))) == {200}
        before = server.memory()
        assert set(clients.map(ask, range(100, 300))) == {200}
    assert server.memory() - before < grown


def test_times_are_counted_once_for_each_request(server):
    count = 'whyclip_request_seconds_count{route="/api/v1/inspect"}'
    before = server.metric(count)
    for headers in ({}, served.EVENTS):
        assert server.post("inspect", {"image": "example:cat.png"}, headers).status == 200
    served.wait_for(lambda: server.metric(count) == before + 2, "both are counted")
    assert server.metric('whyclip_requests_total{route="/api/v1/inspect",status="200"}') >= 2


def test_connections_without_a_request_do_not_stop_others(server):
    with contextlib.ExitStack() as clients:
        silent = [clients.enter_context(server.raw(b"GET /healthz HTTP/1.1\r\nX")) for _ in range(150)]
        start = time.monotonic()
        assert server.get("/healthz").status == 200
        assert time.monotonic() - start < 10
        for connection in silent[:3]:
            assert b" 200 " not in connection.makefile("rb").readline()


def test_a_head_that_drips_ends(server):
    with server.raw(b"GET /healthz HTTP/1.1\r\nX: ") as connection:
        start = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - start < 60 and not select.select([connection], [], [], 0.5)[0]:
                connection.sendall(b"x")
        assert time.monotonic() - start < 30


def test_a_head_without_end_takes_no_memory(server):
    before = server.memory()
    sent = 0
    with server.raw(b"GET /healthz HTTP/1.1\r\n") as connection, contextlib.suppress(OSError):
        connection.settimeout(5)  # the server has closed its side, and reads no more
        while sent < 400 << 20:
            connection.sendall((b"X: " + b"x" * 4000 + b"\r\n") * 64)
            sent += 64 * 4005
    assert sent < 400 << 20 and server.memory() - before < 100 << 20


def test_a_call_that_takes_longer_than_a_head_may_is_answered(server):
    with endless(server):
        served.wait_for(lambda: running(server), "the call runs")
        time.sleep(7)
        assert running(server)
    served.wait_for(lambda: not running(server), "the work stops")
