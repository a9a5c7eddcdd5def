"""What the author's shell and home folder say makes no difference to what a block computes."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

import pytest

from book.core.findings import BookError
from book.core.site import Book
from book.run import long_run, providers
from book.run.environment import enter, environment, socket_folder
from book.run.session import PageRun, run_page
from tests.unit.miniature import SmallBook, blocks, only_finding

SHELL = {
    "PYTHONOPTIMIZE": "1",
    "PYTHONSTARTUP": "/nowhere.py",
    "PYTHONWARNINGS": "error",
    "KERAS_BACKEND": "numpy",
    "LC_ALL": "C",
    "LANG": "de_DE.ISO-8859-1",
    "TZ": "Asia/Shanghai",
    "MPLBACKEND": "svg",
    "TF_NUM_INTRAOP_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--no_such_flag",
    "TF_USE_LEGACY_KERAS": "1",
}
CODE = """\
import locale
import os
import sys
import time
optimized = not __debug__ or sys.flags.optimize
seen = [name for name in {names} if os.environ.get(name) == {shell}[name]]
encoding = locale.getpreferredencoding()
zone = time.tzname[0]
home = sorted(os.listdir(os.path.expanduser("~")))
"""


def unwelcome(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Set up a shell and a home folder that would change what blocks compute."""
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(home))
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "own.py").write_text("raise SystemExit")
    (home / ".keras").mkdir()
    (home / ".keras" / "keras.json").write_text(
        '{"floatx": "float64", "epsilon": 1e-05, "backend": "torch", "image_data_format": "channels_first"}'
    )
    (home / ".config" / "matplotlib").mkdir(parents=True)
    (home / ".config" / "matplotlib" / "matplotlibrc").write_text("figure.figsize: 1, 1\n")


def test_nothing_of_the_shell_reaches_a_block(book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    unwelcome(monkeypatch, tmp_path / "own-home")
    page = blocks(book, CODE.format(names=list(SHELL), shell=SHELL), 'assert encoding == "x", "worse than promised"')
    with PageRun(book, page) as running:
        variables = running.execute(page.blocks[0]).variables
        with pytest.raises(BookError, match="AssertionError: worse than promised"):
            running.execute(page.blocks[1])
    assert variables["optimized"] == 0 and variables["seen"] == []
    assert (variables["encoding"], variables["zone"]) == ("utf-8", "UTC")
    assert ".keras" not in variables["home"]


KERAS = """\
import keras
from keras.datasets import mnist
found = [keras.config.floatx(), keras.config.image_data_format(), keras.config.backend()]
same = mnist.load_data is keras.datasets.mnist.load_data
(x, y), (x_test, y_test) = mnist.load_data()
shapes, first = [x.shape, y_test.shape], y[:3]
"""


def test_keras_is_as_it_is_without_a_configuration_and_loads_mnist_as_readers_do(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    unwelcome(monkeypatch, tmp_path / "own-home")
    (book.root / "node_modules").symlink_to(Book().root / "node_modules")
    page = blocks(book, KERAS)
    with PageRun(book, page) as running:
        variables = running.execute(page.blocks[0]).variables
        assert running.circumstances().data[0].startswith("MNIST, npm package")
        running.device = "gpu"  # and TensorFlow is asked whether it sees one
        with pytest.raises(BookError, match="no GPU is found here") as caught:
            running.circumstances()
    assert "--device gpu" in only_finding(caught.value).remedy
    assert variables["found"] == ["float32", "channels_last", "tensorflow"]
    kept = {name: variables[name] for name in ("same", "shapes", "first")}
    assert kept == {"same": True, "shapes": [[60000, 28, 28], [10000]], "first": [5, 0, 4]}


def test_a_long_run_has_the_same_surroundings(book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    unwelcome(monkeypatch, tmp_path / "own-home")
    script = book.snippets / "part" / "sizes_long.py"
    code = CODE.format(names=list(SHELL), shell=SHELL)
    script.write_text(f"{code}import json\njson.dump([optimized, seen, encoding], open('sizes_long.json', 'w'))\n")
    long_run.run(book, script)
    assert (book.long / "sizes_long.json").read_text() == '[0, [], "utf-8"]'


def test_a_home_that_cannot_be_written_is_not_needed(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    for name in ("HOME", "JUPYTER_RUNTIME_DIR", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "/proc/nowhere")  # there nobody can write, not even root
    assert len(run_page(book, book.page())) == 2


@pytest.mark.parametrize("letters", [60, 88, 150])
def test_a_long_name_of_the_temporary_folder_is_no_hindrance(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, letters: int
):
    folder = tmp_path / ("x" * letters)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert (short := socket_folder()) and len(str(short)) < 70
    if letters == 150:
        assert len(run_page(book, book.page())) == 2
    assert list(folder.iterdir()) == []


def test_where_no_folder_is_short_enough_the_kernel_is_reached_by_tcp(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("book.run.environment.LONGEST_FOLDER", 3)
    assert socket_folder() is None
    assert len(run_page(book, book.page())) == 2


def test_what_the_machine_needs_and_what_the_book_names_is_passed_on(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    for name in ("LD_LIBRARY_PATH", "CUDA_HOME", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "HF_ENDPOINT", "MY_OWN"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    book.edit(book.root / "book.toml", "passed = []", 'passed = ["HF_ENDPOINT"]')
    found = environment(book, "gpu", [])
    assert {"LD_LIBRARY_PATH", "CUDA_HOME", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "HF_ENDPOINT"} <= found.keys()
    assert "MY_OWN" not in found and found["CUDA_VISIBLE_DEVICES"] == "1"
    assert environment(book, "cpu", [])["CUDA_VISIBLE_DEVICES"] == "-1"
    assert found["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


def test_a_provider_that_there_is_none_of_is_named(book: SmallBook):
    book.edit(book.root / "book.toml", '"mnist"]', '"minst"]')
    with pytest.raises(BookError, match="there is no provider 'minst'") as caught:
        run_page(book, book.page())
    assert "mnist, tensorflow" in only_finding(caught.value).remedy


def test_a_book_may_have_a_provider_of_its_own(book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "data.py").write_text(
        "from book.run.providers import Provider\n\n\nclass Own(Provider):\n"
        "    def environment(self, book, threads):\n        return {'OWN_DATA': 'here'}\n\n\nPROVIDER = Own()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    book.edit(book.root / "book.toml", '"tensorflow", "mnist"]', '"own_package.data"]')
    assert providers.environment(book, 2)["OWN_DATA"] == "here"


def test_a_check_of_equations_loads_keras_as_the_blocks_do(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    unwelcome(monkeypatch, tmp_path / "own-home")
    enter(book)
    assert (os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"]) == ("tensorflow", str(book.cache / "keras"))


def test_a_kernel_that_found_no_room_is_not_blamed_on_the_set_up(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("book.run.session.PageRun._ask", _full)
    with pytest.raises(BookError, match="did not start: OSError"), PageRun(book, blocks(book, "1")):
        pass
    monkeypatch.setattr(Path, "write_bytes", _full)
    with pytest.raises(BookError, match="the disk is full"), PageRun(book, blocks(book, "1")):
        pass


def test_fonts_that_find_no_room_are_a_full_disk(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    fonts = book.cache / "matplotlib" / "fontlist-1.json"
    fonts.parent.mkdir(parents=True)
    fonts.write_text("{}", encoding="utf-8")
    monkeypatch.setattr("shutil.copyfile", _full)
    with pytest.raises(BookError, match="the disk is full"):
        environment(book, "cpu", ())


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
