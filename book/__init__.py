"""The book's own machinery: read a page, run its blocks, record the run, render the evidence, check it all.

One module a step, data flowing one way: ``read`` -> ``run`` -> ``record`` -> ``render``; ``check`` refuses
what must not be published; ``__main__`` is the command line.
"""
