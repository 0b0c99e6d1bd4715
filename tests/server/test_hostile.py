"""Pages of other sites, files outside of the folder, and clients without the token get nothing."""
import socket
import subprocess
import time

import pytest
import served


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with an image, and images beside it that must stay out of reach."""
    root = tmp_path_factory.mktemp("hostile")
    image = (served.REPOSITORY / "examples/pictures/cat.png").read_bytes()
    for path in ("served/in.png", "served/sub/deep.png", "secret.png", "served-too/secret.png"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(image)
    (root / "served/note.txt").write_text("not an image")
    (root / "served/.hidden.png").write_bytes(image)
    (root / "served/folder.png").mkdir()
    (root / "served/inside.png").symlink_to("sub/deep.png")
    (root / "served/outside.png").symlink_to("../secret.png")
    (root / "served/way").symlink_to("..")
    (root / "served/loop.png").symlink_to("loop.png")
    return root / "served"


@pytest.fixture(scope="module")
def guarded(folder):
    with served.serving("--images", str(folder)) as running:
        yield running


def test_the_folder_lists_only_its_own_images(guarded):
    images = [image["name"] for image in guarded.get("/api/v1/images").json()["images"] if image["source"] == "folder"]
    assert images == ["in.png", "inside.png", "sub/deep.png"]


@pytest.mark.parametrize("name", ["in.png", "inside.png", "sub/deep.png"])
def test_images_of_the_folder_are_served(guarded, name):
    assert guarded.get(f"/api/v1/image?id=folder:{name}").status == 200


@pytest.mark.parametrize("name", [
    "../secret.png", "sub/../in.png", "./in.png", "sub//deep.png", "../served/in.png", "%2e%2e/secret.png", "..%2fsecret.png", "sub/../../secret.png", "outside.png", "way/secret.png",
    "../served-too/secret.png", "/etc/passwd", "%2Fetc%2Fpasswd", "note.txt", ".", "", "folder.png", "loop.png", "in.png%00",
    "in.png/", "in.png%00.png", "..%5csecret.png", "~/secret.png", "x" * 5000 + ".png"])
def test_nothing_else_is_opened(guarded, name):
    assert guarded.get(f"/api/v1/image?id=folder:{name}").status == 404


def test_absolute_paths_of_images_are_not_opened(guarded, folder):
    for path in (folder / "in.png", folder.parent / "secret.png"):
        assert guarded.get(f"/api/v1/image?id=folder:{path}").status == 404


@pytest.mark.parametrize("path", ["/../secret.png", "/assets/../../secret.png", "/assets/%2e%2e/%2e%2e/secret.png", "/served/in.png"])
def test_paths_are_not_files(guarded, path):
    assert guarded.get(path).status == 404


HOSTS = ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost:{port}.evil.example", "0.0.0.0:{port}",
         "127.0.0.1:{port}:{port}", "", "192.168.0.1:{port}"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("method, path", [("GET", "/"), ("GET", "/api/v1/images"), ("POST", "/api/v1/explain"), ("GET", "/nothing")])
def test_other_hosts_are_refused(guarded, host, method, path):
    answer = guarded.request(method, path, {} if method == "POST" else None, {"Host": host.format(port=guarded.port)})
    assert answer.status == 403 and answer.error()["code"] == "forbidden"


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "127.0.0.1:{port}", "[::1]:{port}"])
def test_names_of_this_machine_are_served(guarded, host):
    assert guarded.get("/healthz", {"Host": host.format(port=guarded.port)}).status == 200


def test_a_request_without_a_host_is_refused(guarded):
    with guarded.raw(b"GET /api/v1/images HTTP/1.1\r\n\r\n") as connection:
        assert b" 403 " in connection.makefile("rb").readline()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}"])
def test_other_origins_are_refused(guarded, origin):
    answer = guarded.post("explain", {"image": "example:cat.png"}, {"Origin": origin.format(port=guarded.port)})
    assert answer.status == 403 and answer.error()["where"] == "Origin"


def test_the_own_origin_is_served(guarded):
    origin = {"Origin": f"http://127.0.0.1:{guarded.port}", "Sec-Fetch-Site": "same-origin"}
    assert guarded.get("/api/v1/images", origin).status == 200


def test_images_on_pages_of_other_sites_are_refused(guarded):
    assert guarded.get("/api/v1/image?id=example:cat.png", {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert guarded.get("/", {"Sec-Fetch-Site": "cross-site"}).status == 200  # a link to the viewer


def test_a_body_is_never_taken_for_the_next_request(guarded):
    inner = f"GET /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:{guarded.port}\r\n\r\n".encode()
    outer = b"POST /api/v1/explain HTTP/1.1\r\nHost: evil.example\r\nContent-Length: %d\r\n\r\n" % len(inner)
    with guarded.raw(outer + inner) as connection:
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 403") and answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("sent", ["bytes=0-90000", "bytes=99999999-", "bytes=-90000", "bytes=0-1", "bytes=0-9,20-90000,5-6", "lines=0-1"])
def test_ranges_never_show_more_than_the_answer(guarded, sent):
    for path in ("/healthz", "/", "/nothing", "/api/v1/image?id=example:cat.png", "/api/v1/image?id=none"):
        whole, answer = guarded.get(path), guarded.get(path, {"Range": sent})
        assert answer.status == 416 or (answer.status, answer.body) == (whole.status, whole.body)
    other = {"Range": sent, "Host": "evil.example"}
    assert len(guarded.get("/healthz", other).body) < 500


def test_every_answer_forbids_what_pages_do_not_need(guarded):
    for path in ("/", "/healthz", "/nothing"):
        headers = guarded.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("content", [b"\x16\x03\x01 hello\r\n\r\n", b"GET\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                     b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n", b"\0" * 1000 + b"\r\n\r\n"])
def test_what_is_not_http_is_refused(guarded, content):
    with guarded.raw(b"") as connection:
        try:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            first = connection.makefile("rb").readline()
        except ConnectionError:
            first = b""
    assert first == b"" or b" 400 " in first or b" 403 " in first or b" 414 " in first
    assert guarded.get("/healthz").status == 200


@pytest.fixture(scope="module")
def locked():
    with served.serving("--token", "open-sesame") as running:
        yield running


def test_the_token_is_needed_for_all_but_the_health(locked):
    for method, path in (("GET", "/"), ("GET", "/metrics"), ("GET", "/api/v1/models"), ("POST", "/api/v1/explain"), ("GET", "/nothing")):
        answer = locked.request(method, path, {} if method == "POST" else None)
        assert answer.status == 401 and answer.error()["where"] == "token", path
    assert locked.get("/healthz").status == 200


@pytest.mark.parametrize("sent", ["Bearer open-sesam", "Bearer open-sesame!", "Bearer ", "open-sesame", "Basic open-sesame"])
def test_another_token_is_refused(locked, sent):
    assert locked.get("/api/v1/models", {"Authorization": sent}).status == 401


def test_programs_send_the_token_in_a_header(locked):
    assert locked.get("/api/v1/models", {"Authorization": "Bearer open-sesame"}).status == 200


def test_browsers_get_a_cookie_for_the_token(locked):
    assert locked.get("/?token=wrong").status == 401
    answer = locked.get("/?token=open-sesame")
    assert answer.status == 303 and answer.headers["Location"] == "/"
    cookie, *flags = answer.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(flags)
    assert locked.get("/", {"Cookie": f"other=1; {cookie}"}).status == 200
    assert locked.get("/", {"Cookie": cookie + "x"}).status == 401


def test_a_token_that_does_not_fit_in_a_url_is_refused():
    for token in ("short", "eight chars", "semicolon;", "line\nbreak"):
        run = subprocess.run([served.WHYCLIP, "serve", "--token", token], env=served.environment(), capture_output=True, text=True)
        assert run.returncode == 1 and "--token" in run.stderr


def test_beyond_this_machine_a_token_is_made():
    with served.serving("--address", "0.0.0.0") as server:
        token = server.url.split("?token=")[1]
        assert len(token) == 32
        assert server.get("/api/v1/models").status == 401
        assert server.get("/api/v1/models", {"Authorization": f"Bearer {token}"}).status == 200
        assert server.get("/api/v1/models", {"Authorization": f"Bearer {token}", "Host": f"evil.example:{server.port}"}).status == 403


def status_of(server, content):
    """The status of the answer to these bytes, while the connection stays open; 0: it was closed without one."""
    with server.raw(content.replace(b"PORT", b"%d" % server.port)) as connection:
        try:
            line = connection.makefile("rb").readline()
        except ConnectionError:
            return 0
    return int(line.split()[1]) if line else 0


JSON = b"POST /api/v1/inspect HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("rest, status", [
    (b"Content-Length: -1\r\n\r\n", 400),
    (b"Content-Length: 1x\r\n\r\n", 400),
    (b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
    (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
    (b"Transfer-Encoding: gzip\r\n\r\n", 400),
    (b"\r\n", 411),
    (b"Content-Length: 99999999999999999999999\r\n\r\n", 413),
    (b"Content-Length: 1000000000000\r\n\r\n", 413),
    (b"Content-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}", 415),
    (b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n", 400),
    (b"X: y\r\n" * 200 + b"Content-Length: 2\r\n\r\n{}", 431),
])
def test_bodies_without_a_clear_end_are_refused_at_once(guarded, rest, status):
    start = time.monotonic()
    assert status_of(guarded, JSON + rest) == status
    assert time.monotonic() - start < 4  # less than the time without a byte


@pytest.mark.parametrize("line, status", [
    (b"GET http://127.0.0.1:PORT/healthz", 200),
    (b"GET HTTP://127.0.0.1:PORT", 200),
    (b"GET http://evil.example/healthz", 400),
    (b"TRACE /healthz", 405),
    (b"DELETE /healthz", 405),
    (b"GET /" + b"x" * 9000, 414),
])
def test_request_lines(guarded, line, status):
    assert status_of(guarded, line + b" HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n") == status


def test_two_origins_are_refused(guarded):
    head = b"GET /api/v1/images HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\nOrigin: http://evil.example\r\n\r\n"
    assert status_of(guarded, head) == 403


@pytest.mark.parametrize("kind, status", [("Application/JSON; charset=utf-8", 200), ("application/jsonfoo", 415), ("", 415)])
def test_the_media_type_is_compared_as_a_whole(guarded, kind, status):
    answer = guarded.request("POST", "/api/v1/inspect", b'{"image": "example:cat.png"}', {"Content-Type": kind})
    assert answer.status == status


def test_schemes_ignore_case_and_cookies_need_no_space(locked):
    assert locked.get("/api/v1/models", {"Authorization": "bearer open-sesame"}).status == 200
    for cookies, status in (("a=1;whyclip_{}=open-sesame", 200), ("whyclip_{}=open-sesame;b=2", 200), ("xwhyclip_{}=open-sesame", 401)):
        assert locked.get("/api/v1/models", {"Cookie": cookies.format(locked.port)}).status == status


@pytest.mark.parametrize("name", ["a%00.png", "a%0d%0ab.png", "%1b[31m.png", "a%7f"])
def test_names_of_uploads_have_no_control_characters(guarded, name):
    image = (served.REPOSITORY / "examples/pictures/cat.png").read_bytes()
    assert guarded.request("POST", f"/api/v1/images?name={name}", image).status == 400


def test_errors_do_not_repeat_all_that_was_sent(guarded):
    answer = guarded.post("explain", {"image": "ä" * 100_000})
    assert answer.status == 404 and len(answer.body) < 5000


@pytest.mark.parametrize("address", ["127.evil.example", "127.0.0.1.evil.example"])
def test_names_that_begin_as_this_machine_are_not_this_machine(address):
    run = subprocess.run([served.WHYCLIP, "serve", "--port", "0", "--address", address], env=served.environment(),
                         capture_output=True, text=True, timeout=served.LONGEST)
    assert run.returncode == 1 and address in run.stderr
