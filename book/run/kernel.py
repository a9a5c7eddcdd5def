"""The process in which the blocks of a page run: an IPython kernel with a few things prepared.

``python -m book.run.kernel -f CONNECTION_FILE`` starts it. Nothing of the book is put into the page's name space:
what a reader copies is all there is. Prepared are the format of the figures and what the providers of the book
prepare (``book.run.providers``). After each block the kernel is asked, by a message of its own that no code of the page
takes part in, for the peak memory and the snapshot of the variables, and to try the block's assertions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from book.run import providers
from book.run.snapshot import snapshot
from book.run.trial import attempt

OBSERVE, TRY, GPUS = "observe_request", "try_request", "gpus_request"
"""Messages that the kernel understands beside those of Jupyter."""


class Kernel(IPythonKernel):
    """IPython's kernel, which answers three messages more: each with one text, JSON."""

    msg_types = [*IPythonKernel.msg_types, OBSERVE, TRY, GPUS]  # noqa: RUF012 - as Jupyter declares it

    async def observe_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer with the peak memory and the small values among the page's variables."""
        assert self.shell is not None
        self._answer(stream, ident, parent, observe(self.shell.user_ns))

    async def try_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer with what the assertions of the block in the message notice."""
        assert self.shell is not None
        self._answer(stream, ident, parent, json.dumps(attempt(parent["content"]["code"], self.shell.user_ns)))
        peak_memory()  # what was tried does not count as the next block's

    async def gpus_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Answer with the names of the GPUs that the providers find."""
        self._answer(stream, ident, parent, json.dumps(providers.gpus()))

    def _answer(self, stream: Any, ident: Any, parent: Any, text: str) -> None:
        assert self.session is not None
        self.session.send(
            stream, parent["header"]["msg_type"].replace("request", "reply"), {"json": text}, parent, ident
        )


def observe(variables: Mapping[str, Any]) -> str:
    """Return, as JSON, the peak memory in bytes since the last call and the small values among the variables."""
    return json.dumps({"peak": peak_memory(), "variables": snapshot(variables)})


def peak_memory() -> int:
    """Return the largest resident memory in bytes since the last call (since the start where Linux is not)."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(usage) * (1 if sys.platform == "darwin" else 1024)
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    with suppress(OSError):  # some containers forbid to begin anew
        Path("/proc/self/clear_refs").write_text("5")
    return int(peak.split()[1]) * 1024


def main() -> None:
    """Start the kernel."""
    providers.prepare()
    config = Config()
    config.IPKernelApp.kernel_class = Kernel
    config.InlineBackend.figure_formats = {"svg"}
    config.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    IPKernelApp.launch_instance(config=config)


if __name__ == "__main__":
    main()
