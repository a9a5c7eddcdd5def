"""The process in which the blocks of a page run: an IPython kernel with a few things prepared, in a closed world.

``python -m book.run.kernel PLAN -f CONNECTION_FILE`` starts it. Nothing of the book is put into the page's name space:
what a reader copies is all there is. Prepared are the format of the figures and what the providers of the book
prepare (``book.run.providers``).

After each block the run asks, on a socket of its own, for the snapshot of the variables, and to try the block's
assertions. No code of the page takes part in the answer: what answers holds what it needs (functions, encoder, socket,
the names of Python as they were), the modules of this package are gone from ``sys.modules``, and what of Python's own a
block replaced is put back and told.
Not defended: code that searches the memory of the process (``gc``, ``ctypes``, frames), which stands on the page.
"""

import _thread
import builtins
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop
from traitlets.config import Config
from zmq.utils import garbage

from book.run import providers, world
from book.run.providers import Provider
from book.run.snapshot import snapshot
from book.run.trial import attempt

OBSERVE, SETTLE, TRY, GPUS = "observe", "settle", "try", "gpus"
"""What can be asked of the kernel: to settle is to observe, and to take the threads that there are for its own; to try
is to try the assertions of a block."""
THREAD_SECONDS = 0.5
"""How long a thread may outlive its block."""


def observe(variables: Mapping[str, Any]) -> str:
    """Return, as JSON, the small values among the variables."""
    return json.dumps({"variables": snapshot(variables)})


def peak_memory() -> Callable[[], int]:
    """Return what tells the largest resident memory in bytes since its last call (since the start where Linux is not).

    Its files are opened here and now: later a block's world is closed.
    """
    if not Path("/proc/self/status").exists():
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return lambda: int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit
    status, clear = os.open("/proc/self/status", os.O_RDONLY), -1
    with suppress(OSError):  # some containers forbid to begin anew
        clear = os.open("/proc/self/clear_refs", os.O_WRONLY)
    read, write = os.pread, os.pwrite

    def peak() -> int:
        lines = read(status, 8192, 0).splitlines()
        kilobytes = next(line.split()[1] for line in lines if line.startswith(b"VmHWM"))
        if clear >= 0:
            with suppress(OSError):
                write(clear, b"5", 0)
        return int(kilobytes) * 1024

    return peak


class Originals:
    """Names of modules that the kernel stands on, as they were before any block."""

    def __init__(self) -> None:
        """Note them."""
        self._kept = [(module, vars(module), dict(vars(module))) for module in (builtins, json, json.encoder)]
        for name in ("input", "exit", "quit"):  # IPython's own, changed while a block runs
            self._kept[0][2].pop(name, None)
        self.replaced: list[str] = []

    def put_back(self, *_: Any) -> None:
        """Put back what was replaced, and note its name."""
        for module, now, kept in self._kept:
            for name in kept:
                if name not in now or now[name] is not kept[name]:
                    now[name] = kept[name]
                    self.replaced += [f"{module.__name__}.{name}"]


def answer(
    asked: socket.socket, variables: Mapping[str, Any], originals: Originals, prepared: Iterable[Provider]
) -> None:
    """Answer, when no block runs, each line that the run sends (a word, a mark to repeat, and code) by a line of JSON.

    A thread of its own waits for them; the answer is made where the blocks run, on which some libraries insist.
    """
    receive, send, later = asked.makefile("r").readline, asked.sendall, IOLoop.current().add_callback
    count, alive, peak, sleep, clock = _thread._count, threading.enumerate, peak_memory(), time.sleep, time.monotonic
    encode = c_make_encoder(None, None, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    take, trial = snapshot, attempt
    own: dict[str, Any] = {"count": 0, "threads": []}

    def observed(settle: bool) -> dict[str, Any]:
        if settle:
            own.update(count=count(), threads=alive())
        until = clock() + THREAD_SECONDS
        while count() > own["count"] and clock() < until:
            sleep(0.005)
        found: dict[str, Any] = {"peak": peak(), "variables": take(variables), "replaced": originals.replaced}
        if count() > own["count"]:
            found["threads"] = [each.name for each in alive() if each not in own["threads"]] or ["without a name"]
        own["count"] = min(own["count"], count())  # one that started the kernel may have ended, and hides no other
        return found

    def respond(word: str, mark: str, code: str = "") -> None:
        try:
            if word == GPUS:
                result: dict[str, Any] = {"gpus": [gpu for each in prepared for gpu in each.gpus()]}
            elif word == TRY:
                result = {"checks": trial(bytes.fromhex(code).decode(), variables)}
                peak()  # what was tried does not count as the next block's
            else:
                result = observed(word == SETTLE)
            text = "".join(encode({**result, "mark": mark}, 0))
        except BaseException as problem:
            text = "".join(encode({"mark": mark, "problem": type(problem).__name__}, 0))
        send(f"{text}\n".encode())

    def listen() -> None:
        while line := receive():
            originals.put_back()
            later(respond, *line.split())

    _thread.start_new_thread(listen, ())


def main() -> None:
    """Start the kernel."""
    plan = json.loads(sys.argv.pop(1))
    asked = socket.socket(fileno=plan.pop("socket"))
    asked.set_inheritable(False)
    prepared = providers.prepare()
    config = Config()
    config.InlineBackend.figure_formats = {"svg"}
    config.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    world.close(**plan)
    application: Any = IPKernelApp.instance(config=config)
    application.initialize()
    garbage.gc.start()  # the thread of ZeroMQ that large messages need
    originals = Originals()
    answer(asked, application.shell.user_ns, originals, prepared)
    application.shell.events.register("post_run_cell", originals.put_back)
    for name in [name for name in sys.modules if name.partition(".")[0] == "book"]:
        del sys.modules[name]
    application.start()


if __name__ == "__main__":
    main()
