"""Answers are the text that the command prints with --json, except for times."""
import re

import pytest
import served

IMAGE = "examples/pictures/cat_and_dog.jpg"
DRAWINGS = sorted(str(path.relative_to(served.REPOSITORY)) for path in served.REPOSITORY.glob("bench/drawings/*.png"))
SIMPLE = {"templates": "simple"}

# (call, options, arguments of the command)
CASES = [
    ("classify", {}, ["classify", IMAGE]),
    ("classify", {"classes": ["cat", "dog"], "whole": True}, ["classify", IMAGE, "-c", "cat,dog", "--whole-image"]),
    ("explain", {}, ["explain", IMAGE]),
    ("explain", {**SIMPLE, "class": "cat", "versus": "dog", "certify": True},
     ["explain", IMAGE, "-t", "simple", "--class", "cat", "--versus", "dog", "--certify"]),
    ("explain", {"method": "rise", "method_options": {"masks": "80"}},
     ["explain", IMAGE, "--method", "rise", "--set", "masks=80"]),
    ("explain", {"prompts": ["a cat."], "words": True, "interaction": True, "regions": "blocks:2x2", "balances": True},
     ["ledger", IMAGE, "-p", "a cat.", "--words", "--interaction", "--regions", "blocks:2x2"]),
    ("compare", {**SIMPLE, "methods": ["gae", "occlusion"]}, ["compare", IMAGE, "-t", "simple", "--methods", "gae,occlusion"]),
    ("inspect", {**SIMPLE, "image_threshold": 0.75, "text_threshold": 0.75}, ["inspect", IMAGE, "-t", "simple", "--threshold", "0.75"]),
    ("regions", SIMPLE, ["regions", IMAGE, "-t", "simple"]),
    ("concepts", {"class": "cat", **SIMPLE}, ["concepts", IMAGE, "--class", "cat", "-t", "simple"]),
    ("heads", {"blocks": 1}, ["heads", *DRAWINGS, "--layers", "1"]),
    ("trace", {"mended_only": True}, ["tracing", IMAGE, "--mended-only"]),
    ("deoptimise", {"steps": 2}, ["deoptimise", IMAGE, "--steps", "2"]),
]


def without_times(text):
    """Without what depends on the process: times, and the memory that it had at the most."""
    text = re.sub(rb'"seconds": [-0-9.e]+', b'"seconds": 0', text)
    return re.sub(rb'("peak memory",\s+)"[^"]*"', rb'\1""', text)


@pytest.mark.parametrize("call, options, arguments", CASES)
def test_is_what_the_command_prints(server, call, options, arguments):
    body = {"options": options} if call == "heads" else {"image": "example:cat_and_dog.jpg", "options": options}
    answer = server.post(call, body)
    assert answer.status == 200, answer.body
    assert without_times(answer.body) == without_times(served.command(*arguments, "--json", "--quiet", "--no-cache"))


def test_images_of_the_folder_have_the_path_that_the_command_would_get(server):
    answer = server.post("classify", {"image": "folder:000_boy_bird.png"})
    assert answer.body == served.command("classify", "bench/drawings/000_boy_bird.png", "--json", "--quiet", "--no-cache")


def test_an_upload_has_the_numbers_of_the_file(server):
    kept = server.request("POST", "/api/v1/images?name=x.jpg", (served.REPOSITORY / IMAGE).read_bytes()).json()
    upload, file = (server.post("explain", {"image": image}).json() for image in (kept["id"], "example:cat_and_dog.jpg"))
    assert upload["attribution"] == file["attribution"] and upload["image"]["name"] == "x.jpg"


def test_methods_are_those_of_the_command(server):
    assert server.get("/api/v1/methods").body == served.command("methods", "--json")


def test_the_overlay_is_the_file_that_the_command_writes(server, tmp_path):
    served.command("explain", IMAGE, "--class", "cat", "--out", str(tmp_path), "--quiet", "--no-cache")
    result = server.post("explain", {"image": "example:cat_and_dog.jpg", "options": {"class": "cat"}}).json()
    overlay = server.post("overlay", {"image": "example:cat_and_dog.jpg", "result": result})
    assert overlay.body == next(tmp_path.glob("*.overlay.png")).read_bytes()


def test_removal_of_nothing_is_the_score_of_explain(server):
    body = {"image": "example:cat_and_dog.jpg", "options": {"class": "cat", "patches": []}}
    removal = server.post("remove", body).json()
    del body["options"]["patches"]
    assert removal["target"] == server.post("explain", body).json()["target"]
    assert all(way["removed"] == removal["target"]["value"] for way in removal["ways"])


def test_two_models_answer_by_their_ids():
    with served.serving("-m", "embedded", "-m", "models/toons") as server:
        ids = [model["id"] for model in server.get("/api/v1/models").json()["models"]]
        assert ids == ["embedded", "models/toons"]
        first, second = (server.post("explain", {"image": "example:cat.png", "model": model, "options": {"classes": ["cat", "dog"]}}).json()
                         for model in ids)
        assert first["model"]["name"] != second["model"]["name"]
        assert first["attribution"] == second["attribution"]


def test_heads_say_that_the_folder_has_more_images_than_were_used(tmp_path):
    for i in range(2001):
        (tmp_path / f"{i}.png").symlink_to(tmp_path / f"{i % len(DRAWINGS)}.png")
    for i, drawing in enumerate(DRAWINGS):
        (tmp_path / f"{i}.png").unlink()
        (tmp_path / f"{i}.png").write_bytes((served.REPOSITORY / drawing).read_bytes())
    with served.serving("--images", str(tmp_path)) as server:
        answer = server.post("heads", {"options": {"block": 4, "head": 1, "texts": 1, "words": ["cat", "dog", "fur"]}})
        assert answer.status == 200, answer.body
        assert any("more than 2000 images" in note for note in answer.json()["notes"])
