"""The files of words: the same words in every language, with the same places in them."""

import json
import string

from book.core.site import PACKAGE


def flat(language: str) -> dict[str, set[str | None]]:
    whole = json.loads((PACKAGE / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return {
        f"{section}.{key}": {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
        for section, words in whole.items()
        for key, text in words.items()
    }


def test_every_language_has_the_same_words_with_the_same_places():
    assert flat("zh") == flat("en")
