"""The loop of the page on many machines, started by Ray Train on a cluster of two nodes on this machine.

`make cluster` runs this in an environment that has Ray; elsewhere it is skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray.train", reason="Ray is not installed here: make cluster installs it and runs this")

from ray.cluster_utils import Cluster

SNIPPETS = Path(__file__).resolve().parents[2] / "snippets" / "home"
SECONDS = 240
"""After this long a program that hangs is ended."""
ALONE = """
import tensorflow as tf
from worker import train
train(tf.distribute.get_strategy(), 0, "alone", 0)
"""


def run(folder: Path, *command: str, **more: str) -> None:
    surroundings = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"} | more
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=surroundings, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def weights(file: Path) -> list[np.ndarray]:
    return list(np.load(file).values())


def test_ray_trains_what_one_process_trains(tmp_path: Path) -> None:
    page = (SNIPPETS / "scale_out.py").read_text(encoding="utf-8")
    (tmp_path / "page.py").write_text(page.partition("# --8<-- [start:launch]")[0], encoding="utf-8")
    run(tmp_path, "page.py")
    written = tmp_path / "worker.py"
    text = written.read_text(encoding="utf-8")
    told = '    import ray\n    open(f"{folder}/node-{rank}", "w").write(ray.get_runtime_context().get_node_id())\n'
    assert text.count("    train(strategy, rank, folder") == 1
    written.write_text(text.replace("    train(strategy, rank, folder", f"{told}    train(strategy, rank, folder"))
    (tmp_path / "alone").mkdir()
    run(tmp_path, "-c", ALONE)
    (tmp_path / "scale_out_ray.py").write_text((SNIPPETS / "scale_out_ray.py").read_text(encoding="utf-8"))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    node = {"num_cpus": 2, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        cluster.add_node(**node)
        run(tmp_path, "scale_out_ray.py", RAY_ADDRESS=cluster.address)
    finally:
        cluster.shutdown()
    nodes = {(tmp_path / "ray" / f"node-{rank}").read_text() for rank in range(2)}
    assert len(nodes) == 2, "each worker ran on a node of its own"
    alone = weights(tmp_path / "alone" / "weights-0.npz")
    for rank in range(2):
        for a, b in zip(weights(tmp_path / "ray" / f"weights-{rank}.npz"), alone, strict=True):
            assert np.allclose(a, b, atol=1e-5)
