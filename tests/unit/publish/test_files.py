"""A site that another program has drawn is completed once, however often that is asked."""

from __future__ import annotations

import pytest

from book.publish import files
from tests.unit.miniature import SmallBook

DRAWN = '<!doctype html><meta charset="utf-8"><title>t</title><script>1</script><a href="{}part/page/">p</a>'


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_finished_twice_is_as_what_is_finished_once(book: SmallBook, language: str):
    with (book.root / "book.toml").open("a", encoding="utf-8") as out:
        out.write('\n[redirects]\n"part/old" = "part/page"\n')
    folder = book.root / "drawn"
    for address in ("index.html", "part/page/index.html"):
        (folder / address).parent.mkdir(parents=True, exist_ok=True)
        (folder / address).write_text(DRAWN.format(files.ROOT), encoding="utf-8")
    written = []
    for _ in range(2):
        assert files.finish(SmallBook(book.root), language, folder) == 2
        written.append({file: file.read_bytes() for file in folder.rglob("*") if file.is_file()})
    assert written[0] == written[1]
    for file in folder.rglob("*.html"):
        assert file.read_text(encoding="utf-8").count("Content-Security-Policy") == 1
    assert 'href="../../part/page/"' in (folder / "part/page/index.html").read_text(encoding="utf-8")
    assert (folder / "part/old/index.html").is_file()
