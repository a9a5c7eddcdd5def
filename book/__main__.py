"""``python -m book COMMAND``: see ``book.cli``."""

import sys

try:
    from book.cli import main
except ModuleNotFoundError as problem:
    sys.exit(f"book: {problem}\n    remedy: run: make setup, and use .venv/bin/python")

sys.exit(main())
