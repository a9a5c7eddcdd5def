"""``python -m book COMMAND``: see ``book.cli``."""

import sys

from book.cli import main

sys.exit(main())
