"""The files of words: the same words in every language, with the same places in them."""

import json
import string

import pytest

from book.core.site import PACKAGE, Book


def flat(words: object, name: str = "") -> dict[str, set[str | None]]:
    """Return the places in each text, by its name; texts may be nested."""
    if isinstance(words, dict):
        return {key: places for part, each in words.items() for key, places in flat(each, f"{name}.{part}").items()}
    assert isinstance(words, str), name
    return {name: {field for _, field, _, _ in string.Formatter().parse(words) if field is not None}}


@pytest.mark.parametrize("language", Book().languages)
def test_every_language_has_the_same_words_with_the_same_places(language: str):
    ours, theirs = (
        flat(json.loads((PACKAGE / "words" / f"{code}.json").read_text(encoding="utf-8"))) for code in (language, "en")
    )
    assert ours == theirs
