"""Measurements of the book against its peers: ``python -m tools.bench``, or ``make bench``.

One module a step: ``sample`` makes the content from a seed, ``sites`` writes it for each generator and builds it,
``server`` and ``browse`` weigh and search what was built, ``lighthouse`` scores it, ``growth`` follows the cost of
more pages, ``report`` writes ``results.json`` and ``RESULTS.md``; ``__main__`` is the command line.
"""
