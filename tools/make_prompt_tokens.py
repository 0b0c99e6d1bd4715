#!/usr/bin/env python3
"""Writes tests/golden/prompt_tokens.json: prompts that libraries clean up differently, with the token ids of each library.

The ids are those of the libraries themselves with the published vocabulary: openai/CLIP's SimpleTokenizer (package
clip-anytorch), open_clip's SimpleTokenizer and HFTokenizer, and transformers' CLIPTokenizerFast. Only the tokenizer modules
are used, so PyTorch is not needed. Needs ftfy 6.3, regex, transformers 4.57, the unpacked packages open_clip_torch 3.3 and
clip-anytorch 2.6, and the published vocab.json and merges.txt:
    python3 tools/make_prompt_tokens.py --vocabulary FOLDER --packages FOLDER > tests/golden/prompt_tokens.json
`--all FILE` writes all prompts instead of every n-th short one; `--seed` draws others.
"""

import argparse
import importlib.util
import json
import pathlib
import random
import sys
import types
import unicodedata

import ftfy

WORDS = ("café naïve façade jalapeño Müller größer smörgåsbord Ångström élève où être garçon señor Zoë piñata déjà-vu "
         "crème brûlée São Paulo København Łódź Kraków žlutý kůň příliš Dvořák šťáva ČEŠTINA őrült tűrő szép İstanbul "
         "ığdır çiçek ağaç şeker Göteborg naïveté “quoted” it’s ‘single’ — dash – en… dots • bullet ™ © ® € £ ½ ² ° "
         "Ελλάδα ΣΟΦΟΣ Σίσυφος γάτα σκύλος κόσμος кошка собака ПРИВЕТ Москва ёлка їжак Ґанок ľúbiť ķēniņš ātri Līgo "
         "ąžuolas ėjo į 猫 日本語 犬と猫 한국어 고양이 中文 שלום مرحبا ไทย हिन्दी 🐶 👩‍👩‍👧 🇩🇪 ❤️ ✔ àla às voilà").split()
LONGEST_LINE = 190  # of the file, so that it has many short prompts
ENCODINGS = ("latin-1 cp1252 cp1251 cp1250 cp1253 cp1254 cp1257 iso-8859-2 mac-roman cp437").split()
HARD = ["caf\u00e9 na\u00efve Zo\u00eb", "cafe\u0301 in two code points", "\u201ccurly\u201d quotes and it\u2019s an apostrophe",
        "AT&amp;T &lt;b&gt;", "\uff23\uff21\uff34 full width", "\ufb01sh and o\ufb03ce ligatures",
        "\u0130stanbul \u03a3\u039f\u03a6\u039f\u03a3", "\u732b\u3068\u72ac", "emoji \U0001f436 dog",
        "tab\tand\nnewline  and   blanks", "a <|endoftext|> inside", "a <end_of_text> and <START_OF_TEXT> inside",
        "<|ENDOFTEXT|> <|StartOfText|>", "1234567 3.14", "sch\u00f6n\u2014wait\u2026 ok", "zero\u200bwidth",
        "snake_case and #tag @you", "It'S WE'VE don't 'tis \u017fo '\u017f", "a\x00b\x1fc\x7fd", "\x1b[36;44mblue\x1b[0m",
        "", " ", "&nbsp;", "&#1;", "!", "I\u0307 \u0345 \u1f80\u0345", "P&EACUTE;REZ &ntilde &NTILDE; &szlig; &SZLIG; &AMP; &amp;amp;amp;lt;",
        "&CounterClockwiseContourIntegral; &#59; &#x3b; &#12ab; &#xD800; &#128; &#x; &#; &LTIMES; &FRAC12; &ffilig; &FFILIG;",
        "a\r\nb\rc\u2028d\u2029e\u0085f", "\ufeffbyte order \ufff9mark\u206a", "<b>&amp;</b>\n&amp;", "&amp;\n<b>&amp;",
        "\u00c3 la mode", "voil\u00c3  le travail", "\u00c3s vezes", "l\u00e2\u20ac\u2122humanit\u00e9",
        "\u00e2\u20ac\u0153quote\u00e2\u20ac\ufffd", "lost \u00c3? \u00e2\u20ac? here", "\u00f0\u0178\u2018\u00bd", "\u00ed\u00a0\u00bd\u00ed\u00b8\u008d",
        "\u00c0\u0080 nul", "\u00e3\u0083\u0084 (\u00e3\u0192\u201e)", "RUF MICH ZUR\u00dcCK. \u00ad", "\u0420\u0457\u0421\u0402\u0420\u0451\u0420\u0406\u0420\u00b5\u0421\u201a",
        "\u039c\u03b5 \u0393\u03b3\u039e\u00ac\u039e\u00b3\u039e\u00ac"]


def load(path, name):
    """A module from a file, with a PyTorch that has only what the tokenizer modules name at import."""
    sys.modules.setdefault("torch", types.SimpleNamespace(Tensor=None, LongTensor=None, IntTensor=None))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mangled(text, encoding, rounds=1):
    """The text in UTF-8 read in another encoding, undefined bytes as control characters."""
    for _ in range(rounds):
        result = ""
        for byte in text.encode("utf-8"):
            try:
                result += bytes([byte]).decode(encoding)
            except UnicodeDecodeError:
                result += chr(byte)
        text = result
    return text


def random_text(draw, low, high):
    return "".join(chr(code) for code in (draw.randrange(low, high) for _ in range(draw.randrange(1, 12))) if not 0xD800 <= code < 0xE000)


def is_old(text):
    """Whether all characters are of Unicode 13: the libraries have different versions of Unicode."""
    new = [range(0x870, 0x8A0), range(0x8B5, 0x8BE), range(0x8C8, 0x8D3)]
    return all(unicodedata.category(c) != "Cn" and not any(ord(c) in block for block in new) for c in text)


def prompts(seed):
    """All prompts: hard ones, mojibake, each character of some blocks, random ones."""
    draw = random.Random(seed)
    yield from HARD
    for encoding in ENCODINGS:
        for word in WORDS:
            yield mangled(word, encoding)
        for _ in range(80):
            words = draw.sample(WORDS, 3)
            text = f"a photo of {words[0]} and {mangled(' '.join(words[1:]), encoding)}"
            yield text if draw.random() < 0.5 else mangled(text, encoding, 2)
        for _ in range(40):
            text = mangled(" ".join(draw.sample(WORDS, 4)), encoding)
            yield draw.choice([text.replace("\u00a0", " "), text.replace("\u0081", "\ufffd").replace("\u009d", "\ufffd"),
                               text.replace(draw.choice(text), "?"), text + draw.choice(WORDS), text.upper(), text.lower()])
    blocks = [(0x80, 0x250), (0x2B0, 0x370), (0x384, 0x590), (0x2000, 0x20D0), (0x2100, 0x2200), (0x2500, 0x25A0), (0x1C4, 0x200),
              (0xF8F0, 0xF900), (0xFB00, 0xFB07), (0xFF00, 0x10000), (0x3000, 0x3100), (0x1D00, 0x1D80), (0x1E00, 0x2000)]
    for low, high in blocks:
        for code in range(low, high, 1 if high <= 0x370 else 3):
            yield f"a {chr(code)}b C{chr(code)} {chr(code)}"
    for _ in range(1500):
        low, high = draw.choice([(0x80, 0x180), (0x80, 0x500), (0x2010, 0x2140), (0x20, 0x250), (0, 0x100), (0x300, 0x3000), (0x1F300, 0x1FB00)])
        yield random_text(draw, low, high)
    trail = "ÂÃâàïðÐÑРСвГВΓΒβāÄÅŒœ×ØÙ√≈‚Ä€™œŠš¢£Ÿž\u00a0\u00ad®©°·»«“”‘’–—´²³¼½¾µ¹│┌═▀ abcABC0,.!?\u0081\u0090\x1a\ufffd"
    for _ in range(2000):
        yield "".join(draw.choice(trail) for _ in range(draw.randrange(1, 14)))
    entities = ["&amp;", "&lt;", "&AMP;", "&eacute;", "&EACUTE;", "&#233;", "&#xe9;", "&copy", "&notit;", "&hellip;", "&nbsp;", "&#8217;", "&", ";", "#", "amp;"]
    for _ in range(500):
        yield "".join(draw.choice(entities + WORDS[:20] + [" "]) for _ in range(draw.randrange(1, 8)))
    marks = "aeiouAEIOUnsS\u0301\u0300\u0308\u0323\u0327\u0345\u030a\u0338\u1100\u1161\u11a8\uac00\u09c7\u09be\u3099かハ"
    for _ in range(500):
        yield "".join(draw.choice(marks) for _ in range(draw.randrange(1, 9)))


def tokenizers(options):
    """A function from prompt to ids, by letter: OpenAI; open_clip's SimpleTokenizer with clean = lower (L), whitespace (W)
    and canonicalize (C), and its HFTokenizer (H); transformers (T)."""
    from transformers import CLIPTokenizerFast  # before the stand-in for PyTorch

    packages = pathlib.Path(options.packages)
    openai = load(packages / "clip" / "simple_tokenizer.py", "openai_tokenizer").SimpleTokenizer(str(packages / "clip" / "bpe_simple_vocab_16e6.txt.gz"))
    open_clip = load(packages / "open_clip" / "tokenizer.py", "open_clip_tokenizer")
    fast = CLIPTokenizerFast.from_pretrained(options.vocabulary)

    def simple(clean):
        return open_clip.SimpleTokenizer(str(packages / "open_clip" / "bpe_simple_vocab_16e6.txt.gz"), clean=clean).encode

    def hugging_face(clean):
        return lambda text: fast(clean(text), add_special_tokens=False)["input_ids"]

    return {"O": openai.encode, "L": simple("lower"), "W": simple("whitespace"), "C": simple("canonicalize"),
            "H": hugging_face(open_clip.get_clean_fn("whitespace")), "T": hugging_face(lambda text: text)}


def entry(prompt, functions):
    """The prompt, then groups of libraries with equal ids: [PROMPT, {"OL": [ids], …}]."""
    groups = {}
    for name, encode in functions.items():
        groups.setdefault(tuple(encode(prompt)), []).append(name)
    return [prompt, {"".join(names): list(ids) for ids, names in groups.items()}]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--packages", required=True)
    parser.add_argument("--all")
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    functions = tokenizers(options)
    texts = [text for text in dict.fromkeys(prompts(options.seed)) if is_old(text) and is_old(ftfy.fix_text(text))]
    if options.all:
        with open(options.all, "w", encoding="utf-8") as file:
            for text in texts:
                file.write(json.dumps(entry(text, functions)) + "\n")
        return
    chosen = texts[:len(HARD)] + texts[len(HARD)::len(texts) // 450]
    lines = [json.dumps(entry(text, functions), ensure_ascii=False, separators=(",", ":")) for text in chosen]
    print("[" + ",\n".join(lines[:len(HARD)] + [line for line in lines[len(HARD):] if len(line) <= LONGEST_LINE]) + "]")


if __name__ == "__main__":
    main()
