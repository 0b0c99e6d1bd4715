"""Scenes and their drawing."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from drawing import draw, label_image, masks
from palette import SIZE
from scene import describe
from styles import STYLES

# SHA-256 of the image for a seed and a style, from the program that drew the embedded model's training
# images.
IMAGES = {
    (10_000_000, None): "f240cc24f76343c22aed76d9843c4d112b39ac490e237536f806c81493660e48",
    (10_059_999, None): "973df38a06e84446bf35cb7afaecfe3ce48c48e632375be795a6fa85781b21ef",
    (1000, ""): "05ceeec12c848ef8f46abedac7932290a029af4a399267ee2d0f3b88772249ab",
    (1001, "black and white"): "3c55489d07991dc740b589836846eff0f1c10d665b189e5ba4c914e87fa6457b",
    (1002, "blurry"): "519d25202d410195157c6f315f4ef69f5eb6d529b01ea99df60f4559cf4b65f9",
    (1003, "pixelated"): "ece7a90d54adfc97776572ea0f63379ec95b1abb5f39e38109b745225c72683a",
    (1004, "low resolution"): "a802f5a59b31a73d86dea439d0d1074c453dc03503dd566b0296de3bc885a6d5",
    (1005, "dark"): "6b641dcc51834dce86ebdf2d122eb61178f9f9ee96f6de019aef2d52c9d9a65e",
    (1006, "bright"): "70692ea583899c4e3499334ecd5633dd2025184d1107b1c163ae51701dcc959b",
    (1007, "jpeg corrupted"): "f3ef5fb924e87a9f740ff67ba9373a8a33319470475c071913373827eda3bf1a",
    (1008, "sketch"): "a083ae36131717f425c5d2682821eba2e8129f525254e4ae733bf833a7b1261e",
}
# SHA-256 of the masks by thing and part, one byte per pixel.
MASKS = {
    10_000_003: "b8f7076b9253960bd38fd69443c58d350c08b30103c91744bf158843e3fe7f18",
    10_000_004: "66b669baa66d626d4cf82cdefa69fcce1a10e54df81dc149258c598a2c4e75d8",
    10_000_012: "53d34e9030968e5f5b32faeee4be35b907b16f4d48b85c72dc8cb56bc7fbe075",
}


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


@pytest.mark.parametrize("seed, style", IMAGES)
def test_a_seed_gives_the_recorded_image(seed, style, recorded_pillow):
    assert sha256(draw(describe(seed, style=style))) == IMAGES[seed, style]


@pytest.mark.parametrize("seed", MASKS)
def test_a_seed_gives_the_recorded_masks(seed, recorded_pillow):
    found = [mask for thing in masks(describe(seed)) for mask in thing.values()]
    assert sha256(np.stack(found).astype(np.uint8)) == MASKS[seed]


@pytest.mark.parametrize("number, first, second", [(0, "boy", "bird"), (17, "dog", "rat")])
def test_the_drawings_of_the_benchmark_are_reproduced(root, number, first, second):
    stored = Image.open(root / f"bench/drawings/{number:03}_{first}_{second}.png").convert("RGB")
    scene = describe(900_000 + number, n_things=2, style="")
    assert [thing.name for thing in scene.contents.things] == [first, second]
    # They are stored in 128 colours, which changes a channel by at most 25.
    assert np.abs(draw(scene).astype(int) - np.asarray(stored)).max() <= 25


@pytest.mark.parametrize("style", ["", *STYLES])
def test_drawing_a_scene_again_gives_the_same_bytes(style):
    scene = describe(5, names=["cat", "tree"], style=style)
    first = draw(scene)
    draw(scene, {(0, "head")})
    assert np.array_equal(draw(scene), first)


def test_removing_a_thing_changes_only_its_surroundings():
    scene = describe(3, names=["building", "tree"], style="")
    building = np.any(list(masks(scene, {p for p in scene.parts() if p[0] == 1})[0].values()), axis=0)
    without = draw(scene, {p for p in scene.parts() if p[0] == 0})
    changed = np.any(without != draw(scene), axis=2)
    rows, columns = np.where(building)
    near = np.zeros((SIZE, SIZE), bool)  # and one pixel more, which may be covered by less than half
    near[max(0, rows.min() - 1):rows.max() + 2, max(0, columns.min() - 1):columns.max() + 2] = True
    assert changed[building].mean() > 0.9
    assert not changed[~near].any()


def test_without_any_part_the_background_and_its_noise_remain():
    scene = describe(3, names=["man"], style="")
    background = np.asarray(scene.background.resize((SIZE, SIZE), Image.BOX), np.float32) + scene.noise
    expected = np.uint8(np.clip(background, 0, 255))
    assert np.array_equal(draw(scene, set(scene.parts())), expected)


def test_removing_a_part_reveals_the_parts_behind_it():
    scene = describe(12, names=["bird"], style="")
    complete, wingless = masks(scene)[0], masks(scene, {(0, "wing")})[0]
    assert "wing" not in wingless
    assert wingless["body"].sum() > complete["body"].sum()


def test_whiskers_belong_to_their_part_but_have_no_label_pixels():
    scene = describe(7, names=["rat"], style="")
    lines = [p for p in scene.primitives[0] if p.is_line]
    assert [p.part for p in lines] == ["body"] * 3
    without_lines = describe(7, names=["rat"], style="")
    without_lines.primitives[0] = [p for p in scene.primitives[0] if not p.is_line]
    assert np.array_equal(label_image(scene), label_image(without_lines))
    assert not np.array_equal(draw(scene), draw(without_lines))


def test_a_birds_legs_are_in_the_label_image_only():
    scene = describe(20, names=["bird"], style="")
    label = scene.parts().index((0, "legs")) + 1
    assert "legs" not in masks(scene)[0]
    assert (label_image(scene) == label).sum() > 5


def test_a_label_image_agrees_with_the_masks():
    scene = describe(31, names=["cat", "dog", "tree"], style="")
    labels = label_image(scene)
    for i, thing in enumerate(masks(scene)):
        for part, mask in thing.items():
            assert np.array_equal(labels == scene.parts().index((i, part)) + 1, mask)


def test_an_unknown_class_is_refused():
    with pytest.raises(ValueError, match='names: .*got "cow"'):
        describe(1, names=["cow"])


def test_an_unknown_style_is_refused():
    with pytest.raises(ValueError, match='style: .*got "cubist"'):
        describe(1, style="cubist")


def test_more_things_than_positions_are_refused():
    with pytest.raises(ValueError, match="at most 5 things fit, got 6"):
        describe(1, names=["cat"] * 6)
