"""TensorFlow and Keras: quiet, with a fixed number of threads, and without what a user configured for Keras."""

import importlib
import re
from pathlib import Path

from book.core.site import Book
from book.run.providers import Provider


def keras_home(book: Book) -> Path:
    """Folder that takes the place of ``~/.keras`` while code of the book runs."""
    return book.cache / "keras"


class TensorFlow(Provider):
    """What TensorFlow and Keras need."""

    noise = re.compile(
        r"WARNING: All log messages before absl|[IWE]0000 00:00|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |"
        r"To enable the following instructions|Skipping registering GPU devices|TF_ENABLE_ONEDNN_OPTS"
    )

    def environment(self, book: Book, threads: int) -> dict[str, str]:
        """Return the environment variables that TensorFlow and Keras read."""
        return {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTRAOP_THREADS": str(threads),
            "TF_NUM_INTEROP_THREADS": str(threads),
            "KERAS_BACKEND": "tensorflow",
            "KERAS_HOME": str(keras_home(book)),
        }

    def gpus(self) -> list[str]:
        """Return the names of TensorFlow's GPUs."""
        tf = importlib.import_module("tensorflow")
        details = tf.config.experimental.get_device_details
        return [details(gpu).get("device_name", gpu.name) for gpu in tf.config.list_physical_devices("GPU")]


PROVIDER = TensorFlow()
