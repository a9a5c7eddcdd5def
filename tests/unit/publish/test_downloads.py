"""A bookmark that Chromium wrote twice is said once, and no byte after it moves."""

from __future__ import annotations

import pytest

from book.publish.downloads import _mend


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
    assert _mend(written) == mended and len(mended) == len(written)
