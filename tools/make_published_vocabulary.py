#!/usr/bin/env python3
"""Writes models/clip_vocabulary/merges.bin, the merges of the published CLIP vocabulary, from its merges.txt.

Each merge is the ids of its two parts as little-endian 16-bit numbers. The ids follow from the order of the merges:
256 bytes, 256 bytes at the end of a word, the results of the merges, the start and end tokens (openai/CLIP,
simple_tokenizer.py). Run from the root of the repository:
    python3 tools/make_published_vocabulary.py FOLDER/merges.txt > models/clip_vocabulary/merges.bin
"""

import struct
import sys


def byte_symbols():
    """The symbols of the bytes in the order of their ids: printable ones first."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(0x100 + i) for i in range(len(others))]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n")[1:] if line]
    symbols = byte_symbols()
    ids = {token: i for i, token in enumerate(symbols + [symbol + "</w>" for symbol in symbols])}
    for line in lines:
        left, right = line.split(" ")
        sys.stdout.buffer.write(struct.pack("<HH", ids[left], ids[right]))
        ids[left + right] = len(ids)


if __name__ == "__main__":
    main()
