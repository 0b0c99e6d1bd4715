"""The tokenizer."""

import json

import pytest

from bpe import Tokenizer, learn, read_vocabulary


@pytest.fixture(scope="module")
def shipped(root):
    return read_vocabulary(root / "models/toons")


@pytest.fixture(scope="module")
def prompts(root):
    return json.loads((root / "tests/golden/toons/prompts.json").read_text())["prompts"]


def golden_ids(root):
    data = (root / "tests/golden/toons/prompts.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    begin, end = json.loads(data[8:8 + size])["ids"]["data_offsets"]
    flat = memoryview(data[8 + size + begin:8 + size + end]).cast("q").tolist()
    return [flat[i:i + 32] for i in range(0, len(flat), 32)]


def test_the_800_prompts_have_the_ids_of_the_golden_file(root, shipped, prompts):
    tokenizer = Tokenizer(*shipped, 32)
    assert len(prompts) == 800
    assert [tokenizer(text) for text in prompts] == golden_ids(root)


def test_the_shipped_vocabulary_has_the_order_of_learn(shipped):
    vocab, merges = shipped
    assert list(vocab.values()) == list(range(737))
    assert list(vocab)[512:-2] == ["".join(pair) for pair in merges]


def test_ids_decode_to_the_text(shipped):
    vocab, merges = shipped
    tokens = {i: token for token, i in vocab.items()}
    ids = Tokenizer(vocab, merges, 32)("A photo of the  cat, zx7!")
    words = "".join(tokens[i] for i in ids).replace("</w>", " ")
    assert words.startswith("<|startoftext|>a photo of the cat , zx 7 ! <|endoftext|>")


def test_the_most_frequent_pair_is_merged_first():
    vocab, merges = learn(["low low lower", "slow"], 2)
    # l o: 2 + 1 + 1 = 4 times; then lo w</w>: 2 + 1 = 3 times
    assert merges == [("l", "o"), ("lo", "w</w>")]
    assert (vocab["lo"], vocab["low</w>"], vocab["<|endoftext|>"]) == (512, 513, 515)


def test_a_long_text_is_truncated_and_has_an_end_token():
    vocab, merges = learn(["a"], 0)
    assert Tokenizer(vocab, merges, 4)("b b b b b")[-1] == vocab["<|endoftext|>"]
    assert len(Tokenizer(vocab, merges, 4)("b b b b b")) == 4
