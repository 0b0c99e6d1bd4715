#!/usr/bin/env python3
"""Writes whyclip/text/html_entities.inc, the named character references of HTML5.

The source is Python's html.entities.html5, the W3C list. Run from the root of the repository:
    python3 tools/make_html_entities.py > whyclip/text/html_entities.inc
"""

import html
import html.entities
import textwrap


def rows():
    """One row per name, without its semicolon: name, first and second code point, whether the bare name is valid too."""
    for key in sorted(name for name in html.entities.html5 if name.endswith(";")):
        name = key[:-1]
        points = [ord(character) for character in html.entities.html5[key]] + [0]
        bare = name in html.entities.html5
        if bare and html.entities.html5[name] != html.entities.html5[key]:
            raise SystemExit(f"{name} has two meanings")
        yield name, f'{{"{name}",{points[0]:#x},{points[1]:#x},{int(bare)}}},'


def wrapped(cells):
    return "\n".join(textwrap.wrap(" ".join(cells), width=140, break_long_words=False, break_on_hyphens=False))


def main():
    named = [row for _, row in sorted(rows(), key=lambda pair: pair[0])]
    windows = [f"{ord(html.unescape(f'&#{number};')):#x}," for number in range(0x80, 0xA0)]
    print("// Made by tools/make_html_entities.py from Python's html.entities. Do not edit. clang-format off")
    print("constexpr auto kNamed = std::to_array<NamedReference>({")
    print(wrapped(named))
    print("});")
    print("// Code points of &#128; … &#159;: these numbers are windows-1252.")
    print("constexpr auto kWindows1252 = std::to_array<char32_t>({")
    print(wrapped(windows))
    print("});")


if __name__ == "__main__":
    main()
