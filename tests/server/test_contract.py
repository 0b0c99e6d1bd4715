"""Every documented route is called, and every answer is as docs/openapi.json says."""
import json
import re

import openapi
import pytest
import served

PICTURE = served.REPOSITORY / "examples/pictures/cat_and_dog.jpg"
SEEN = set()

CALLS = [
    ("classify", {}),
    ("classify", {"prompts": ["a cat", "a dog"], "whole": True}),
    ("explain", {"class": "cat", "versus": "others", "templates": "simple"}),
    ("explain", {"method": "rise", "method_options": {"masks": 60}, "regions": "slic:8", "certify": True}),
    ("explain", {"prompts": ["a cat."], "words": True, "interaction": True, "regions": "blocks:2x2", "balances": True}),
    ("explain", {"feature": "92,98:0.5"}),
    ("compare", {"methods": ["contributions", "gae"], "method_options": {"gae": {"start": "1"}}, "words": True}),
    ("inspect", {"class": "cat", "image_threshold": 0.5, "templates": "simple"}),
    ("regions", {"regions": "blocks:2x2", "templates": "simple", "method": "query-key"}),
    ("remove", {"patches": [40, 41, 52, 53], "fills": ["drop", "blur", "road"], "class": "cat"}),
    ("remove", {"patches": []}),
    ("concepts", {"class": "cat", "penalty": 0.05, "words": ["cat", "dog", "fur"]}),
    ("concepts", {"mean_images": ["folder:000_boy_bird.png", "folder:001_bird_rat.png"]}),
    ("heads", {"blocks": 1, "texts": 2}),
    ("heads", {"block": 4, "head": 1, "images": ["folder:000_boy_bird.png", "folder:001_bird_rat.png"]}),
    ("trace", {"mended_only": True, "templates": "simple"}),
    ("deoptimise", {"steps": 1, "variable": "pixels", "optimiser": "adam", "momentum": 0.5, "removal": False}),
]


def checked(server, method, path, body=None, headers=None):
    answer = server.request(method, path, body, headers)
    SEEN.add((method, openapi.check_answer(method, path, answer)))
    return answer


def call_body(name, options):
    return {"options": options} if name == "heads" else {"image": "example:cat_and_dog.jpg", "options": options}


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/openapi.json", "/api/v1/models", "/api/v1/methods",
                                  "/api/v1/images", "/api/v1/schema/explanation.json", "/api/v1/image?id=example:cat.png",
                                  "/api/v1/image?id=folder:000_boy_bird.png&size=thumbnail"])
def test_reading(server, path):
    assert checked(server, "GET", path).status == 200


@pytest.mark.parametrize("name, options", CALLS)
def test_calls(server, name, options):
    body = call_body(name, options)
    openapi.check_body("POST", f"/api/v1/{name}", body)
    assert checked(server, "POST", f"/api/v1/{name}", body).status == 200


def test_files_of_the_page_are_served(server):
    html = server.get("/").body.decode()
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', html):
        answer = checked(server, "GET", path)
        assert answer.status == 200 and answer.headers["ETag"].startswith('"')
        assert checked(server, "GET", path, headers={"If-None-Match": answer.headers["ETag"]}).status == 304


def test_uploads(server):
    answer = checked(server, "POST", "/api/v1/images?name=..%2Fcat.jpg", PICTURE.read_bytes())
    assert answer.status == 201
    kept = answer.json()
    assert (kept["name"], kept["width"], kept["height"]) == ("cat.jpg", 640, 480)
    assert checked(server, "POST", "/api/v1/images?name=cat.jpg", PICTURE.read_bytes()).json() == kept
    listed = checked(server, "GET", "/api/v1/images").json()["images"]
    assert {"id": kept["id"], "name": "cat.jpg", "source": "upload", "path": None} in listed
    assert checked(server, "POST", "/api/v1/classify", {"image": kept["id"]}).status == 200


def test_pages_and_overlays(server):
    result = server.post("explain", {"image": "example:cat.png", "options": {"templates": "simple"}}).json()
    body = {"image": "example:cat.png", "result": result}
    openapi.check_body("POST", "/api/v1/page", body)
    page = checked(server, "POST", "/api/v1/page", body)
    assert page.status == 200 and page.body.lower().startswith(b"<!doctype html")
    assert page.headers["Content-Disposition"].startswith("attachment")
    overlay = checked(server, "POST", "/api/v1/overlay", body)
    assert overlay.status == 200 and overlay.body.startswith(b"\x89PNG")


@pytest.mark.parametrize("method, path, body, status", [
    ("GET", "/api/v1/image?id=example:nobody.png", None, 404),
    ("GET", "/api/v1/image?id=example:cat.png&size=huge", None, 400),
    ("POST", "/api/v1/explain", {"image": "example:nobody.png"}, 404),
    ("POST", "/api/v1/explain", {"image": "example:cat.png", "model": "nobody"}, 404),
    ("POST", "/api/v1/explain", {}, 400),
    ("POST", "/api/v1/images", b"no image", 422),
    ("POST", "/api/v1/images", b"", 400),
    ("POST", "/api/v1/page", {"result": {"format": "whyclip nothing 1"}}, 415),
    ("POST", "/api/v1/page", {"result": {"format": "whyclip explanation 1"}, "image": "example:cat.png"}, 400),
    ("POST", "/api/v1/overlay", {"result": 3}, 400),
])
def test_refusals(server, method, path, body, status):
    answer = checked(server, method, path, body)
    assert answer.status == status and answer.error()["message"]


def test_other_methods_are_refused_with_those_that_are_allowed(server):
    for method, path in sorted(openapi.operations()):
        answer = server.request("PUT", path.replace("{kind}", "model"), b"")
        assert answer.status == 405 and answer.error()["code"] == "invalid", path
        assert method in answer.headers["Allow"].split(", ")


def test_events_end_with_the_result_of_the_plain_call(server):
    body = {"image": "example:cat.png", "options": {"methods": ["occlusion"], "templates": "simple", "removal": False}}
    answer = server.post("compare", body, served.EVENTS)
    assert answer.headers["Content-Type"] == "text/event-stream"
    events = served.events_of(answer.body)
    assert events[0][0] in ("queued", "progress") and events[-1][0] == "result"
    assert all(set(data) == {"stage", "done", "total"} for name, data in events if name == "progress")
    plain = server.post("compare", body).json()
    for result in (events[-1][1], plain):
        for method in result["methods"]:
            method["attribution"]["seconds"] = 0
    assert events[-1][1] == plain


def test_errors_of_events_have_the_status_of_a_plain_answer(server):
    body = {"image": "example:cat.png", "options": {"class": "zebra"}}
    name, data = served.events_of(server.post("explain", body, served.EVENTS).body)[-1]
    plain = server.post("explain", body)
    assert name == "error" and data["status"] == plain.status == 400
    assert data["error"] == plain.error()


def test_every_documented_route_was_called(server):
    shown = set(re.findall(r'(?:src|href)="(/[^"]+)"', server.get("/").body.decode()))
    assets = {("GET", path) for path in ("/assets/live.js", "/assets/viewer.css") if path not in shown}
    assert openapi.operations() - SEEN - assets == set()


def test_every_served_route_is_documented():
    routes = (served.REPOSITORY / "server/routes.cpp").read_text()
    calls = "".join(path.read_text() for path in served.REPOSITORY.glob("server/*_calls.cpp")) + \
        (served.REPOSITORY / "server/calls.cpp").read_text()
    paths = set(re.findall(r'"(/[a-z0-9/._]*)"', routes)) | {f"/api/v1/{name}" for name in re.findall(r'{"([a-z]+)", make_', calls)}
    assert len(paths) > 20
    assert paths - {path for _, path in openapi.operations()} == set()


def test_the_served_description_is_the_file(server):
    assert server.get("/api/v1/openapi.json").json() == json.loads((openapi.DOCS / "openapi.json").read_text())
