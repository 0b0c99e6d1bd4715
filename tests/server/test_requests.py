"""Requests that cannot be answered get the right status and a sentence that says what to do."""
import json
import struct
import time
import zlib

import pytest
import served

CAT = {"image": "example:cat.png"}


def refusal(server, call, options, status, *words):
    """The call is refused with this status, in a sentence that has these words."""
    answer = server.post(call, {**CAT, "options": options})
    assert answer.status == status, answer.body
    error = answer.error()
    for word in words:
        assert word in f"{error['where']} {error['message']}", error


@pytest.mark.parametrize("call, options, words", [
    ("explain", {"clas": "cat"}, ["options.clas", "is not known", "class, classes"]),
    ("explain", {"class": 3}, ["options.class", "expected a text"]),
    ("explain", {"whole": "yes"}, ["options.whole", "true or false"]),
    ("explain", {"class": "zebra"}, ["zebra"]),
    ("explain", {"prompts": [""]}, ["options.prompts[0]", "empty"]),
    ("explain", {"prompts": ["a cat", "a dog"]}, ["only one prompt"]),
    ("explain", {"prompts": ["a cat"], "classes": ["cat", "dog"]}, ["cannot be combined"]),
    ("explain", {"classes": ["cat"]}, ["two"]),
    ("explain", {"classes": ["cat"] * 2001}, ["at most 2000"]),
    ("explain", {"classes": "cat,dog"}, ["a list of texts"]),
    ("explain", {"templates": "/etc/passwd"}, ["imagenet or simple"]),
    ("explain", {"method": "magic"}, ["magic"]),
    ("explain", {"method": "examples/rules/gamma.json"}, ["gamma.json"]),
    ("explain", {"method": "rise", "method_options": {"mask": "3"}}, ["mask"]),
    ("explain", {"method": "rise", "method_options": {"masks": "many"}}, ["masks"]),
    ("explain", {"regions": "examples/pictures/cat.png"}, ["options.regions", "blocks:ROWSxCOLUMNS"]),
    ("explain", {"regions": "slic:1"}, ["1"]),
    ("explain", {"feature": "9999"}, ["9999"]),
    ("compare", {"methods": ["magic"]}, ["magic"]),
    ("compare", {"method_options": {"magic": {}}}, ["magic"]),
    ("regions", {"method": "examples/rules/gamma.json"}, ["options.method", "contributions"]),
    ("remove", {"patches": [144]}, ["patches", "0 to 143"]),
    ("remove", {"patches": [-1]}, ["options.patches"]),
    ("remove", {"patches": [1, 1]}, ["twice"]),
    ("remove", {"patches": [1e300]}, ["options.patches"]),
    ("remove", {"fills": ["paint"]}, ["drop, mean, blur"]),
    ("concepts", {"word_templates": "words.txt"}, ["imagenet or simple"]),
    ("concepts", {"penalty": -1}, ["options.penalty"]),
    ("heads", {"block": 1}, ["block and head"]),
    ("heads", {"block": 99, "head": 0}, ["99"]),
    ("trace", {"mended_only": True, "ablation": True}, ["mended_only"]),
    ("deoptimise", {"steps": 1e9}, ["options.steps"]),
    ("deoptimise", {"steps": 2.5}, ["options.steps"]),
    ("deoptimise", {"optimiser": "best"}, ["sgd or adam"]),
])
def test_options(server, call, options, words):
    refusal(server, call, options, 400, *words)


@pytest.mark.parametrize("text, word", [
    (b"", "empty"),
    (b"{", "not JSON"),
    (b"[]", "object"),
    (b'{"image": "example:cat.png", "image": "example:cat.png"}', "twice"),
    (b'{"image": "example:cat.png", "options": {"image_threshold": 1e999}}', "out of range"),
    (b'{"image": NaN}', "not JSON"),
    (b'{"image": "\xff"}', "not JSON"),
    (b'{"image": "example:cat.png", "options": ' + b"[" * 1000 + b"]" * 1000 + b"}", "levels"),
    (b'{"image": "example:cat.png", "x": ' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"}", "levels"),
    (b'{"image": "example:cat.png", "script": 1}', "body.script"),
])
def test_json(server, text, word):
    answer = server.request("POST", "/api/v1/inspect", text, {"Content-Type": "application/json"})
    assert answer.status == 400, answer.body
    assert word in " ".join(answer.error().values())


@pytest.mark.parametrize("element", [b"{}", b"[]", b'{"a":0}'])
def test_long_json_takes_linear_time(server, element):
    text = b'{"image": "example:cat.png", "options": {"classes": [' + b",".join([element] * (900_000 // (len(element) + 1))) + b"]}}"
    start = time.monotonic()
    answer = server.request("POST", "/api/v1/inspect", text, {"Content-Type": "application/json"})
    assert answer.status == 400 and "options.classes" in answer.error()["where"]
    assert time.monotonic() - start < 20  # on a busy machine; quadratic time is minutes


def test_keys_may_repeat_in_other_objects(server):
    options = b'{"method": "gae", "method_options": {"start": 1}, "class": "cat"}'
    answer = server.request("POST", "/api/v1/explain", b'{"image": "example:cat.png", "options": %s}' % options,
                            {"Content-Type": "application/json"})
    assert answer.status == 200, answer.body


def test_json_of_another_type_is_refused(server):
    answer = server.request("POST", "/api/v1/explain", json.dumps(CAT).encode(), {"Content-Type": "text/plain"})
    assert answer.status == 415 and "application/json" in answer.error()["message"]


def test_forms_are_refused(server):
    answer = server.request("POST", "/api/v1/images", b"--x\r\n\r\n--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status == 415


def test_too_much_json_is_refused(server):
    answer = server.post("explain", {**CAT, "options": {"class": "c" * (1 << 20)}})
    assert answer.status == 413 and answer.error()["code"] == "too_large"


def test_too_much_json_in_chunks_is_refused(server):
    def chunks():
        for _ in range(300):
            yield b"x" * 4096
    answer = server.request("POST", "/api/v1/explain", chunks(), {"Content-Type": "application/json"})
    assert answer.status == 413


def png(width, height):
    """A black PNG: a hundred million pixels take some kilobytes."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    rows = zlib.compress((b"\0" * (1 + (width + 7) // 8)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + \
        chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_an_image_of_too_many_pixels_is_refused(server):
    image = png(20000, 5001)
    assert len(image) < 100_000
    answer = server.request("POST", "/api/v1/images", image)
    assert answer.status == 413 and answer.error()["code"] == "too_large" and "100020000" in answer.error()["message"]


@pytest.mark.parametrize("image", [b"GIF89a" + b"\0" * 50, b"\xff\xd8\xff\xe0 no more", png(8, 8)[:40], b"text"])
def test_a_broken_image_is_refused(server, image):
    answer = server.request("POST", "/api/v1/images?name=a.png", image)
    assert answer.status == 422 and answer.error()["code"] == "invalid"


def test_a_damaged_image_is_read_with_a_note(server):
    image = bytearray((served.REPOSITORY / "examples/pictures/cat_and_dog.jpg").read_bytes())
    image[len(image) // 2:len(image) // 2 + 3] = b"\0\0\0"
    kept = server.request("POST", "/api/v1/images", bytes(image))
    assert kept.status == 201
    result = server.post("inspect", {"image": kept.json()["id"], "options": {"templates": "simple"}})
    assert any("damage" in note or "corrupt" in note.lower() for note in result.json()["notes"])


def test_the_oldest_upload_is_dropped(server):
    ids = []
    for i in range(65):
        ids.append(server.request("POST", f"/api/v1/images?name={i}", png(16, 16 + i)).json()["id"])
    assert len(set(ids)) == 65
    assert server.metric("whyclip_images") == 64
    assert server.get(f"/api/v1/image?id={ids[0]}").status == 404
    assert server.get(f"/api/v1/image?id={ids[-1]}").status == 200


def test_a_whole_image_of_too_many_patches_is_refused(server):
    kept = server.request("POST", "/api/v1/images", png(9000, 20)).json()["id"]
    answer = server.post("explain", {"image": kept, "options": {"whole": True}})
    assert answer.status == 422 and answer.error()["code"] == "too_large"


def test_heads_without_a_folder_say_how_to_get_one():
    with served.serving() as server:
        answer = server.post("heads", {})
        assert answer.status == 400 and "--images" in answer.error()["message"]
        assert server.get("/api/v1/images").json()["folder"] is None
