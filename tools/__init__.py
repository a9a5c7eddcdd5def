"""What measures the book (``bench``), breaks it on purpose (``drill``), and tries it as GitHub does or will."""

import os

_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "VIRTUAL_ENV")


def surroundings() -> dict[str, str]:
    """Return the environment variables for commands in a clone: without those of the make that runs this."""
    return {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
