"""Texts of picture files as Veneer keeps them: keywords by the rules of PNG, texts without NUL."""

from __future__ import annotations

from veneer.file_metadata.found import COMMENT, MAX_KEYWORD


def as_text(keyword: str, text: str, notes: list[str]) -> list[tuple[str, str]]:
    """The text with its keyword, or nothing with a note where it cannot be kept.

    Spaces that a keyword must not have are taken out of it, and zeros from the end of a text, where they end a string.
    """
    keyword = " ".join(keyword.split(" ")).strip() if keyword.isprintable() else keyword
    while "  " in keyword:
        keyword = keyword.replace("  ", " ")
    text = text.rstrip("\0")
    if not is_keyword(keyword):
        notes.append(f"its text of the keyword {keyword[:MAX_KEYWORD]!a} is left out: that is no keyword")
        return []
    if "\0" in text:
        notes.append(f"its text {keyword} is left out: it has a NUL")
        return []
    return [(keyword, text)]


def comment(data: bytes, notes: list[str]) -> list[tuple[str, str]]:
    """The comment of a format that does not say in which encoding it is: UTF-8 if it can be, else Latin-1."""
    data = data.rstrip(b"\0")
    if not data:
        return []
    if b"\0" in data:
        notes.append(f"its comment of {len(data)} bytes is left out: it is no text")
        return []
    try:
        return [(COMMENT, data.decode("utf-8"))]
    except UnicodeDecodeError:
        return [(COMMENT, data.decode("latin-1"))]


def is_keyword(keyword: str) -> bool:
    """Whether PNG and Veneer allow it."""
    printable = all(" " <= c <= "~" or "\xa1" <= c <= "\xff" for c in keyword)
    return 1 <= len(keyword) <= MAX_KEYWORD and printable and keyword == keyword.strip(" ") and "  " not in keyword
