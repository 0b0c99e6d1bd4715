"""Byte-level byte pair encoding as in CLIP: learns a small vocabulary and encodes text with it."""

import collections
import json
import re

START, END = "<|startoftext|>", "<|endoftext|>"
# Splits a text into pieces before encoding: the tokenizer of Radford et al. 2021 for lower-case
# ASCII, which is sufficient for the cartoon world's captions.
PIECE = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[a-z]+|[0-9]|[^\sa-z0-9]+")


def byte_chars():
    """{byte: printable character}, in the vocabulary's order."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    others = [b for b in range(256) if b not in printable]
    chars = {b: chr(b) for b in printable}
    chars.update({b: chr(256 + n) for n, b in enumerate(others)})
    return chars


def pieces(text):
    return PIECE.findall(" ".join(text.lower().split()))


def symbols(word, chars):
    """A word as one symbol per byte; the last symbol has an end-of-word mark."""
    out = [chars[b] for b in word.encode()]
    out[-1] += "</w>"
    return out


def join_pair(sequence, pair):
    """The sequence with every occurrence of the pair, from the left, merged into one symbol."""
    out, i = [], 0
    while i < len(sequence):
        if tuple(sequence[i:i + 2]) == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(sequence[i])
            i += 1
    return out


def learn(texts, n_merges):
    """({token: id}, merges): merges the most frequent pair n_merges times."""
    chars, counts = byte_chars(), collections.Counter()
    for text in texts:
        counts.update(pieces(text))
    sequences = {word: symbols(word, chars) for word in counts}
    merges = []
    while len(merges) < n_merges:
        pairs = collections.Counter()
        for word, sequence in sequences.items():
            for pair in zip(sequence, sequence[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        sequences = {word: join_pair(sequence, best) for word, sequence in sequences.items()}
    base = list(chars.values())
    tokens = base + [c + "</w>" for c in base] + ["".join(pair) for pair in merges] + [START, END]
    return {token: i for i, token in enumerate(tokens)}, merges


def read_vocabulary(folder):
    """vocab.json and merges.txt of a checkpoint, as learn() returns them."""
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
    return vocab, [tuple(line.split(" ")) for line in lines[1:] if line]


class Tokenizer:
    """Encodes a text as `context` ids: start, tokens, end, padded with end."""

    def __init__(self, vocab, merges, context):
        self.vocab, self.context = vocab, context
        self.rank = {tuple(pair): i for i, pair in enumerate(merges)}
        self.chars, self.cache = byte_chars(), {}

    def word(self, word):
        if word not in self.cache:
            sequence = symbols(word, self.chars)
            while len(sequence) > 1:
                known = [pair for pair in zip(sequence, sequence[1:]) if pair in self.rank]
                if not known:
                    break
                sequence = join_pair(sequence, min(known, key=self.rank.get))
            self.cache[word] = [self.vocab[symbol] for symbol in sequence]
        return self.cache[word]

    def __call__(self, text):
        ids = [self.vocab[START]]
        for piece in pieces(text):
            ids += self.word(piece)
        end = self.vocab[END]
        ids = ids[:self.context - 1] + [end]
        return ids + [end] * (self.context - len(ids))
