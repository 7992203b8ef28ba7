"""Text: cleaning, values that mean nothing, and the shape of a string in numbers."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

LIMIT = 512  #: characters kept of any text; longer ones are cut before any other work
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
#: Texts that programs send when they have nothing to send, and hashes of the empty string.
_EMPTY = frozenset(
    "null none nil nan undefined unknown n/a na - -- false true default not_available unavailable unsupported"
    " [object_object] d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709"
    " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 9774d56d682e549c".split()
)
_SEPARATORS = str.maketrans("", "", "-_:. {}")
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_TAIL = re.compile(r"\d+\Z")


def clean(value: str | None) -> str | None:
    """NFKC, without control, format (bidi, zero-width) and unpaired characters, spaces made single; None if empty."""
    if not value:
        return None
    text = value[:LIMIT]
    if text.isascii() and text.isprintable():
        if " " not in text:
            return text
    else:
        text = unicodedata.normalize("NFKC", text)
        if not text.isprintable():
            kept = (c if unicodedata.category(c) not in _DROPPED else " " if c in "\t\n\r" else "" for c in text)
            text = unicodedata.normalize("NFKC", "".join(kept))
    return " ".join(text.split()) or None


@lru_cache(maxsize=16384)  # one event asks for the same value several times
def token(value: str | None) -> str | None:
    """A cleaned identifier; None for values that mean "nothing here" (null, undefined, 0000-0000, ...)."""
    text = clean(value)
    if text is None or text.lower().replace(" ", "_") in _EMPTY:
        return None
    bare = text.translate(_SEPARATORS)
    return None if len(set(bare)) <= (1 if len(bare) > 1 else 0) or bare == "0" else text


def fold(text: str) -> str:
    """Case and accents removed; stable when applied again."""
    if text.isascii():
        return text.lower()
    for _ in range(4):
        bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
        folded = unicodedata.normalize("NFKC", bare)
        if folded == text:
            break
        text = folded
    return text


def words(text: str) -> list[str]:
    """Folded runs of letters."""
    return _WORDS.findall(fold(text))


def person(text: str | None) -> str | None:
    """A person's or company's name whatever its case, accents, punctuation and order of words."""
    found = words(text) if text else []
    return " ".join(sorted(found)) if sum(map(len, found)) > 1 else None


def template(text: str) -> str:
    """The pattern of a made-up name: runs of letters become a class of length, digits become 9s (six at most)."""
    out: list[str] = []
    run, kind = 0, ""
    for c in text.lower() + "\0":
        now = "a" if "a" <= c <= "z" else "9" if c.isdigit() else "u" if c.isalpha() else ""
        if now == kind and kind:
            run += 1
            continue
        if kind:
            out.append("9" * min(run, 6) if kind == "9" else kind + _length_class(run))
        if not now and c != "\0":
            out.append(c)
        run, kind = 1, now
    return "".join(out)


def _length_class(length: int) -> str:
    return "1" if length == 1 else "s" if length < 5 else "m" if length < 9 else "l"


def digit_share(text: str) -> float:
    """Share of digits among all characters; NaN for an empty text."""
    return len(_DIGIT.findall(text)) / len(text) if text else math.nan


def trailing_digits(text: str) -> int:
    """Digits at the end."""
    found = _TAIL.search(text)
    return len(found.group()) if found else 0


def entropy(text: str) -> float:
    """Bits per character."""
    size = len(text)
    counts = [text.count(c) for c in dict.fromkeys(text)]
    return max(0.0, -sum([n / size * math.log2(n / size) for n in counts])) if size else math.nan


def non_latin_share(text: str) -> float:
    """Share of letters outside the Latin script; NaN without letters."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return math.nan
    if text.isascii():
        return 0.0
    return sum(not (ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00) for c in letters) / len(letters)


def likeness(a: str | None, b: str | None) -> float:
    """Letters of the words two names share, over the letters of the longer one; NaN unless both are known."""
    if not a or not b:
        return math.nan
    left, right = set(a.split()), set(b.split())
    shared = sum(map(len, left & right))
    return shared / max(sum(map(len, left)), sum(map(len, right)), 1)


def found_share(name: str | None, text: str) -> float:
    """Share of the name's letters whose word occurs in ``text``; an initial counts its one letter. NaN if no name."""
    parts = name.split() if name else []
    if not parts:
        return math.nan
    hay = "".join(words(text))
    hit = 0
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 1 and part in hay:
            hit += len(part)
        elif hay.startswith(part[0]):
            hit += 1
    return hit / sum(map(len, parts))
