"""What is mended of the PDF that Chromium prints: bookmarks that it says twice, radicals in the place of letters."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from book.publish.downloads import _packed, _with_bookmarks


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        (b"<</Title (AdamAdam)\n/Dest", b"<</Title (Adam)    \n/Dest"),
        (b"<</Title <FEFF76EE5F5576EE5F55>\n/Dest", b"<</Title <FEFF76EE5F55>        \n/Dest"),
        (b"<</Title (f\\(x\\)f\\(x\\))\n/Dest", b"<</Title (f\\(x\\))      \n/Dest"),
        (b"<</Title (Adam)\n<</Title (Adam)\n", b"<</Title (Adam)\n<</Title (Adam)\n"),
        (b"<</Title <FEFF767676>\n/Dest", b"<</Title <FEFF767676>\n/Dest"),
    ],
)
def test_a_bookmark_is_said_once(written: bytes, mended: bytes):
    assert _with_bookmarks(written) == mended and len(mended) == len(written)


def test_what_is_copied_from_a_pdf_are_letters():
    """A glyph that a radical shares with a letter, alone and in a row; each object is found in what is written anew."""
    lines = "<02> <591A>\n<14> <2F24>\n<0015> <2EC5>\n<0023> <0025> <2F00>\n"
    written = printed(f"1 beginbfchar\n{lines}endbfchar\n")
    mended = _packed(written)
    trailer: Any = PdfReader(BytesIO(mended), strict=True).trailer
    said = trailer["/Root"]["/ToUnicode"].get_data().decode()
    assert "<02> <591A>\n<14> <5927>\n<0015> <89C1>\n<0023> <0025> [<4E00> <4E28> <4E36>]\n" in said
    assert trailer["/Root"]["/Type"] == "/Catalog" and trailer["/Size"] == 5


def printed(table: str) -> bytes:
    """Return a PDF as Chromium writes it, of a catalog and one table of a font's letters."""
    content = zlib.compress(table.encode())
    parts = [
        b"%PDF-1.4\n",
        b"1 0 obj\n<</Type /Catalog\n/ToUnicode 2 0 R>>\nendobj\n",
        b"2 0 obj\n<</Filter /FlateDecode\n/Length %d>> stream\n%b\nendstream\nendobj\n" % (len(content), content),
    ]
    places = b"".join(b"%010d 00000 n \n" % len(b"".join(parts[:until])) for until in (1, 2))
    tail = b"xref\n0 3\n0000000000 65535 f \n%btrailer\n<</Size 3\n/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join([*parts, tail % (places, len(b"".join(parts)))])
