"""The package that makes books whose code has been run: read pages, run their blocks, draw the evidence, publish.

Rooms, each importing only those below it (`make check` holds this): ``core`` <- ``evidence`` <- ``equations`` <-
``run``; ``equations`` <- ``draw`` <- ``notebook`` <- ``check``, ``publish`` <- ``cli``. What is one book's own stands
in its ``book.toml``.
"""
