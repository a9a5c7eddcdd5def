"""Each page names the scripts that stand on it, and no host; what somebody puts there afterwards does not run."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

from bs4 import BeautifulSoup

from book.publish import policy
from tests.unit.publish.test_theme import site  # noqa: F401


def allowed(page: str) -> set[str]:
    meta = BeautifulSoup(page, "html.parser").select_one('meta[http-equiv="Content-Security-Policy"]')
    assert meta is not None
    (scripts,) = [each for each in str(meta["content"]).split("; ") if each.startswith("script-src ")]
    return set(scripts.split()[1:])


def test_every_page_of_a_site_names_what_stands_on_it(site: Path):  # noqa: F811
    """That of a missing address and those at former addresses, too."""
    for file in site.rglob("*.html"):
        page = file.read_text(encoding="utf-8")
        inline = [each for each in BeautifulSoup(page, "html.parser").select("script:not([src])")]
        code = [each.get_text() for each in inline if not str(each.get("type", "")).startswith("application/")]
        hashes = {f"'sha256-{b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in code}
        assert allowed(page) == {"'self'", *hashes}, file
        assert page.index("Content-Security-Policy") < page.index("<title>" if "<script" not in page else "<script")


def test_data_is_no_script_and_a_script_of_its_own_file_needs_no_hash():
    page = '<meta charset="utf-8"><script src="a.js"></script><script type="application/json">{}</script>'
    assert allowed(policy.secured(page)) == {"'self'"}
    assert len(allowed(policy.secured(f'{page}<script id="x">1</script><script type="module">2</script>'))) == 3
