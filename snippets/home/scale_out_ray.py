import os

import ray
from ray.train import RunConfig, ScalingConfig
from ray.train.tensorflow import TensorflowTrainer
from worker import worker  # the file that the page writes

shared = os.path.abspath("ray")  # on storage that all nodes see
os.makedirs(shared, exist_ok=True)
ray.init(runtime_env={"env_vars": {"PYTHONPATH": os.getcwd()}})
trainer = TensorflowTrainer(
    lambda task: worker(**task),
    train_loop_config={"folder": shared, "seed": 0},
    scaling_config=ScalingConfig(
        num_workers=2,
        resources_per_worker={"CPU": 1},
        placement_strategy="STRICT_SPREAD",  # one on each node
    ),
    run_config=RunConfig(name="run", storage_path=shared),
)
trainer.fit()
