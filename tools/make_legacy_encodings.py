#!/usr/bin/env python3
"""Writes whyclip/text/legacy_encodings.inc, the upper halves of ten single-byte encodings.

The source is Python's codecs. Bytes that an encoding leaves undefined are 0. Run from the root of the repository:
    python3 tools/make_legacy_encodings.py > whyclip/text/legacy_encodings.inc
"""

import textwrap

# Name in the C++ table and Python's name, in the order in which they are tried.
ENCODINGS = [
    ("kLatin1", "latin-1"),
    ("kWindows1252", "windows-1252"),
    ("kWindows1251", "windows-1251"),
    ("kWindows1250", "windows-1250"),
    ("kWindows1253", "windows-1253"),
    ("kWindows1254", "windows-1254"),
    ("kWindows1257", "windows-1257"),
    ("kIso8859Part2", "iso-8859-2"),
    ("kMacRoman", "mac-roman"),
    ("kCodePage437", "cp437"),
]


def upper_half(codec):
    """The code points of the bytes 0x80 … 0xFF, 0 for undefined ones."""
    for byte in range(0x80, 0x100):
        text = bytes([byte]).decode(codec, errors="ignore")
        yield ord(text) if text else 0


def main():
    print("// Made by tools/make_legacy_encodings.py from Python's codecs. Do not edit. clang-format off")
    print("constexpr std::array<UpperHalf, kLegacyEncodings> kUpperHalves = {{")
    for name, codec in ENCODINGS:
        cells = " ".join(f"{code:#x}," for code in upper_half(codec))
        print("{ // " + name)
        print("\n".join(textwrap.wrap(cells, width=140)))
        print("},")
    print("}};")


if __name__ == "__main__":
    main()
