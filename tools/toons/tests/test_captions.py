"""Captions and their claims."""

import random

import numpy as np
import pytest

from captions import caption, no_claims
from claims import content_arrays, true_of, truth_table
from scene import Contents, Thing, describe

CAT = Thing("cat", "orange", 0.3, 0.5, 0.45)
DOG = Thing("dog", "brown", 0.7, 0.5, 0.9)


@pytest.fixture(scope="module")
def shown():
    return [describe(seed).contents for seed in range(150)]


def claim(**changes):
    return {**no_claims(), **changes}


def test_every_caption_is_true_of_its_own_image(shown):
    rng = random.Random(4)
    assert all(true_of(caption(contents, rng)[1], contents) for contents in shown * 4)


def test_the_truth_table_of_a_batch_agrees_with_its_pairs(shown):
    rng = random.Random(5)
    claims = [caption(contents, rng)[1] for contents in shown * 2]
    chosen = np.arange(0, len(shown), 2)
    one_by_one = [[true_of(c, shown[i]) for i in chosen] for c in claims]
    assert np.array_equal(truth_table(claims, content_arrays(shown), chosen), one_by_one)


def test_a_seed_gives_the_recorded_captions():
    contents = describe(900_000, n_things=2, style="").contents
    assert [caption(contents, random.Random(s))[0] for s in range(3)] == [
        "a cartoon of a bird to the left of a boy.", "a photo of a bird to the left of a boy.",
        "a bird in a video game."]


@pytest.mark.parametrize("claims, holds", [
    (claim(nouns=[("cat", "")]), True),
    (claim(nouns=[("cat", "orange")]), True),
    (claim(nouns=[("cat", "black")]), False),
    (claim(nouns=[("bird", "")]), False),
    (claim(nouns=[("cat", ""), ("dog", "")], left_of=True), True),
    (claim(nouns=[("dog", ""), ("cat", "")], left_of=True), False),
    (claim(nouns=[("cat", "")], size="small"), True),
    (claim(nouns=[("dog", "")], size="small"), False),
    (claim(nouns=[("dog", "")], size="large"), True),
    (claim(nouns=[("cat", "")], side="left"), True),
    (claim(nouns=[("cat", "")], side="right"), False),
    (claim(nouns=[("cat", "")], style="dark"), False),
    (claim(nouns=[("cat", "")], many=True), False),
])
def test_claims_about_a_small_cat_left_of_a_large_dog(claims, holds):
    contents = Contents("", False, [CAT, DOG])
    assert true_of(claims, contents) == holds
    assert truth_table([claims], content_arrays([contents]), np.array([0])).tolist() == [[holds]]


def test_a_sketch_has_no_colours():
    contents = Contents("sketch", False, [CAT])
    assert true_of(claim(nouns=[("cat", "")], style="sketch"), contents)
    assert not true_of(claim(nouns=[("cat", "orange")]), contents)
