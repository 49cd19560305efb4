"""Fixtures that several rooms' tests share."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.schema import BenchSpec, RunSpec

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep audits and caches of the user's out of the tests, and those of the tests out of his.

    Tests of one worker share theirs, for the audit of the real data takes a while.
    """
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def fer2013() -> Path:
    """The folder of the real FER-2013, from FER2013_DIR or from beside the checkout."""
    folder = Path(os.environ.get("FER2013_DIR", ROOT.parent / "shared" / "fer2013"))
    if not (folder / "train_images.npy").is_file():
        pytest.skip(f"the real FER-2013 is not at {folder.name}; FER2013_DIR names its folder")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the six arrays: 16x16 grey images of three classes that can be learned."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    folder.mkdir()
    random = np.random.default_rng(0)
    patterns = random.integers(60, 196, (3, 16, 16))
    for split, count in (("train", 96), ("valid", 33), ("test", 45)):
        labels = np.arange(count) % 3
        noise = random.normal(0, 60, (count, 16, 16))
        images = np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8)
        np.save(folder / f"{split}_images.npy", images)
        np.save(folder / f"{split}_labels.npy", labels)
    (folder / "classes.txt").write_text("left\nright\nup\n")
    return folder


@pytest.fixture(scope="session")
def voted(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny data with ten votes an image, some of them for no class and in another order."""
    from harness.data.votes import Votes
    from harness.data.writing import write_splits
    from harness.schema import Source

    random, source = np.random.default_rng(1), Source(name="votes.csv", form="test")
    arrays, counts = {}, {}
    for split in ("train", "valid", "test"):
        images, labels = (np.load(tiny / f"{split}_{kind}.npy") for kind in ("images", "labels"))
        shares = 0.3 * np.eye(4)[[2, 0, 1]][labels] + 0.7 * random.dirichlet(
            np.ones(4), len(labels)
        )
        arrays[split] = (images, labels)
        counts[split] = random.multinomial(10, shares).astype(np.uint8)
        # Nobody votes for a class here.
        counts[split][::9] = (0, 0, 0, 10)
    votes = Votes(("right", "up", "left", "unknown"), counts, source)
    folder = tmp_path_factory.mktemp("data") / "voted"
    classes = ("left", "right", "up")
    write_splits(folder, arrays, name="voted", classes=classes, source=source, votes=votes)
    return folder


@pytest.fixture
def write_plugin(tmp_path: Path) -> Callable[..., Path]:
    """Write a plugin file whose one model has this body of ``build``."""

    def write(name: str, body: str, extra: str = "") -> Path:
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        path = tmp_path / f"{name.replace('-', '_')}.py"
        path.write_text(
            "from harness import ModelPlugin, Recipe, hookimpl\n\n"
            f"def build(input_shape, num_classes, width=8):\n{lines}\n\n"
            "@hookimpl\ndef harness_models():\n"
            f"    return [ModelPlugin(name={name!r}, build=build, {extra})]\n"
        )
        return path

    return write


# A body for `write_plugin`: a linear layer, quick to train.
LINEAR = """\
import math
from torch import nn
return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(input_shape), num_classes))
"""


@pytest.fixture
def linear() -> str:
    """A body for ``write_plugin``: a linear layer, quick to train."""
    return LINEAR


@pytest.fixture
def make_specs(tiny: Path, tmp_path: Path) -> Callable[..., list[RunSpec]]:
    """Plan runs on the tiny data, on one thread in float32, as `harness run` would."""

    def make(
        *models: str, plugins: tuple[Path, ...] = (), data: Path = tiny, **words: Any
    ) -> list[RunSpec]:
        # Imported here: most tests do without torch.
        from harness.data.splits import open_splits
        from harness.plugins import discover
        from harness.runner import Request, Setting, make_specs
        from harness.tensors.device import Policy

        options = words.pop("options", ("epochs=2", "batch_size=32", "augment=none"))
        paths = tuple(str(path) for path in plugins)
        request = Request(models=models, plugins=paths, options=options, **words)
        policy = Policy("cpu", "float32", 1)
        setting = Setting(data, open_splits(data), policy, tmp_path / "results")
        return list(make_specs(request, discover(paths), setting))

    return make


@pytest.fixture
def make_bench_spec(tmp_path: Path) -> Callable[..., BenchSpec]:
    """Plan a bench of a few milliseconds on 16x16 images, as `harness bench` would."""

    def make(*models: str, plugins: tuple[Path, ...] = (), **words: Any) -> BenchSpec:
        from harness.plugins import discover
        from harness.runner import Request
        from harness.runner.bench import Bench, plan_bench

        batch_sizes, precisions = words.pop("batch_sizes", (1, 4)), ("float32",)
        backends, training = words.pop("backends", ("eager",)), words.pop("training", True)
        shape, classes = (1, 16, 16), 3
        paths = tuple(str(path) for path in plugins)
        fields = {"seconds": 0.5, "width": 0.01, "device": "cpu", "threads": 1, **words}
        bench = Bench(shape, classes, batch_sizes, precisions, backends, training, 1, 0.01)
        planned, cases = plan_bench(Request(models, plugins=paths), discover(paths), bench)
        return BenchSpec(
            models=planned,
            cases=cases,
            input_shape=shape,
            classes=classes,
            log=str(tmp_path / "out" / "log.txt"),
            command="harness bench",
            **fields,
        )

    return make


@pytest.fixture(autouse=True)
def _forget_local_plugins() -> Iterator[None]:
    """Take what a test loaded by ``-p`` out of the modules and the import path again."""
    path, before = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if name.startswith("harness_local_"):
            del sys.modules[name]
