"""What a page may fetch and run, said to the browser at the page's beginning: what lies beside it, and nothing else.

A script that stands on the page runs where its hash is named. Styles on the page are allowed, as formulas and tables
have them; they cannot reach another host, since nothing that they might fetch may come from one.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

_SCRIPT = re.compile(r"<script(?![^>]*\s(?:src|type=\"?application/))[^>]*>(.*?)</script>", re.DOTALL)
_CHARSET = re.compile(r'(<meta charset=[^>]*>)(?:<meta http-equiv="Content-Security-Policy" content="[^"]*">)?')
_OURS = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-src": "'none'",
    "img-src": "'self' data:",
    "media-src": "'self' data:",
    "object-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self'",
}


def secured(page: str) -> str:
    """Return a whole page with its policy, which stands before all that it is about, in the place of a former one."""
    hashes = dict.fromkeys(hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(page))
    scripts = " ".join(["'self'", *(f"'sha256-{b64encode(each).decode()}'" for each in hashes)])
    said = "; ".join(f"{what} {whence}" for what, whence in {**_OURS, "script-src": scripts}.items())
    policy = f'<meta http-equiv="Content-Security-Policy" content="{said}">'
    return _CHARSET.sub(lambda charset: f"{charset[1]}{policy}", page, count=1)
