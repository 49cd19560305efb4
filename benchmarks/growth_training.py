"""How the time and memory of training grow with images, their size, classes, and runs.

``python benchmarks/growth_training.py`` prints the tables of training in docs/performance.md, and
one of what runs cost that train nothing. Each figure is of a process of its own, since a process's
peak of memory never falls.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

MODEL, CLASSES, SIDE, IMAGES = "convnet", 7, 48, 8192
GROWTH = {
    "images": (4096, 8192, 16384, 32768),
    "side": (24, 48, 96),
    "classes": (7, 100, 1000),
}
SEEDS = (1, 2, 4)


def train(images: int = IMAGES, side: int = SIDE, classes: int = CLASSES) -> dict[str, float]:
    """Train two epochs of made images; return the second one's seconds and the peak memory."""
    import torch

    from harness.data.splits import Split
    from harness.measure.cost import peak_memory
    from harness.plugins import discover
    from harness.schema import Recipe
    from harness.tensors.batches import Batches
    from harness.tensors.device import resolve
    from harness.train.checkpoint import Checkpoints
    from harness.train.loop import Listener
    from harness.train.loop import train as run
    from harness.train.optim import make_optimizer

    policy = resolve("cpu")
    policy.apply()
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (images, side, side), dtype=np.uint8)
    split = Split(images=pictures, labels=np.arange(images) % classes)
    batches = Batches(split, (0.5,), (0.25,), torch.device("cpu"), classes)
    few = Split(images=pictures[:64], labels=split.labels[:64])
    model, _ = discover().find_model(MODEL)
    module = model.build((1, side, side), classes).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    recipe = Recipe(epochs=2)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        run(
            module,
            {
                "train": batches,
                "valid": Batches(few, (0.5,), (0.25,), torch.device("cpu"), classes),
            },
            recipe,
            policy=policy,
            seed=0,
            checkpoints=Checkpoints(Path(folder)),
            listener=Listener(
                resumed=lambda epochs: None,
                batch=lambda epoch, fraction: None,
                epoch=lambda epoch: seconds.append(epoch.train_seconds),
            ),
            optimizer=make_optimizer(module, recipe),
        )
    return {"seconds": seconds[-1], "bytes": float(peak_memory(policy.torch_device) or 0)}


def run_seeds(seeds: int) -> dict[str, float]:
    """Run the command for runs that train nothing: what a run costs beside its training."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", MODEL, "--seeds", str(seeds), "-o", "epochs=0", "--no-speed"]
        words += ["--results", folder]
        started = time.perf_counter()
        command = [sys.executable, "-c", "from harness.cli import main; main()", *words]
        subprocess.run(command, check=True, capture_output=True)
        return {"seconds": time.perf_counter() - started}


def in_a_process(function: Callable[..., dict[str, float]], **arguments: Any) -> dict[str, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, **arguments).result()


def rows() -> Iterator[str]:
    for name, values in GROWTH.items():
        yield f"\n| {name} | seconds an epoch | images a second | peak memory |"
        yield "| --- | --- | --- | --- |"
        for value in values:
            found = in_a_process(train, **{name: value})
            images = value if name == "images" else IMAGES
            yield (
                f"| {value:,} | {found['seconds']:.1f} | {images / found['seconds']:,.0f} | "
                f"{found['bytes'] / 2**20:,.0f} MiB |"
            )
    yield "\n| runs of no epochs | seconds of the command |\n| --- | --- |"
    run_seeds(1)  # makes the built-in data, once
    for seeds in SEEDS:
        yield f"| {seeds} | {run_seeds(seeds)['seconds']:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.parse_args()
    print(json.dumps({"model": MODEL, "images": IMAGES, "side": SIDE, "classes": CLASSES}))
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
