"""Every number of a report's tables, again from `predictions.npz` by independent code.

Scikit-learn, scipy and plain loops; nothing of the harness computes here. `pairs.csv` has a test of
its own.
"""

import csv
import json
import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import jensenshannon
from scipy.special import log_softmax
from sklearn import metrics

from harness.cli.main import call
from harness.measure import throughput

SEEDS = 3
PUBLISHED = sorted(
    report.parent for report in (Path(__file__).parents[2] / "results").glob("fer2013*/report")
)
SAMPLE = {"train": 300, "valid": 150, "test": 200}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.02,))


@pytest.fixture
def sample(fer2013: Path, tmp_path: Path) -> Path:
    """The first rows of the real FER-2013."""
    folder = tmp_path / "sample"
    folder.mkdir()
    for split, count in SAMPLE.items():
        for kind in ("images", "labels"):
            array = np.load(fer2013 / f"{split}_{kind}.npy", mmap_mode="r")[:count]
            np.save(folder / f"{split}_{kind}.npy", array)
    return folder


def run(data: Path, results: Path, *words: str) -> Path:
    asked = ["run", "convnet", "vgg[width=4]", "--data", str(data), "--seeds", str(SEEDS)]
    asked += ["--results", str(results), "--engine", "inline", "--threads", "1"]
    assert call([*asked, "-o", "epochs=1", *words]) == 0
    return results


def read(results: Path, name: str) -> list[dict[str, str]]:
    path = results / "report" / name
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def runs(results: Path) -> dict[str, dict]:
    """The arrays of each finished run in the report, with its record, by key."""
    keys = {row["key"] for row in read(results, "comparison.csv") if row["status"] == "done"}
    found = {}
    for path in (results / "runs").glob("*/*/*/record.json"):
        record = json.loads(path.read_text())
        if record["key"] in keys:
            with np.load(path.with_name("predictions.npz")) as arrays:
                found[record["key"]] = {"record": record, **arrays}
    return found


def number(text: str) -> float:
    return float(text) if text else math.nan


def wilson(hits: int, n: int) -> tuple[float, float]:
    z = stats.norm.ppf(0.975)
    middle = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * math.sqrt(hits * (n - hits) / n + z**2 / 4)
    return middle - half, middle + half


def probabilities(found: dict, suffix: str = "", split: str = "test") -> np.ndarray:
    exact = found[f"{split}_probabilities{suffix}"].astype(float)
    return exact / exact.sum(axis=1, keepdims=True)


def ece(p: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    total = 0.0
    for one in range(bins):
        inside = (p.max(1) > one / bins) & (p.max(1) <= (one + 1) / bins)
        if inside.any():
            right = (p.argmax(1) == labels)[inside].mean()
            total += inside.mean() * abs(right - p.max(1)[inside].mean())
    return total


def top2(p: np.ndarray, labels: np.ndarray) -> float:
    """Scikit-learn's, whose ties go to the last of the classes; ours go to the first, as argmax."""
    last = p.shape[1] - 1
    return metrics.top_k_accuracy_score(last - labels, p[:, ::-1], k=2, labels=range(last + 1))


def figures(p: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Quality under the names of the columns."""
    predicted, n = p.argmax(1), len(labels)
    low, high = wilson(int((predicted == labels).sum()), n)
    return {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "accuracy_low": low,
        "accuracy_high": high,
        "uar": np.mean([(predicted[labels == c] == c).mean() for c in np.unique(labels)]),
        "macro_f1": metrics.f1_score(labels, predicted, average="macro"),
        "top2": top2(p, labels),
        "nll": metrics.log_loss(labels, p, labels=range(p.shape[1])),
        "ece": ece(p, labels),
        "brier": np.mean(np.sum((p - np.eye(p.shape[1])[labels]) ** 2, axis=1)),
    }


def hold(row: dict[str, str], expected: dict[str, float], suffix: str, columns: int) -> None:
    """Hold as many ``columns`` as there must be against their values."""
    # accuracy_clean_low is the lower bound of accuracy_clean.
    expected = {
        f"accuracy{suffix}{name.removeprefix('accuracy')}"
        if name.startswith("accuracy")
        else name + suffix: value
        for name, value in expected.items()
    }
    present = {name: value for name, value in expected.items() if name in row}
    assert len(present) == columns, sorted(present)
    for name, value in present.items():
        assert number(row[name]) == pytest.approx(value, abs=1e-9), name


def temperature(found: dict) -> float:
    # A model that has learned its images by heart has probabilities far below 1e-12.
    least = np.finfo(np.float32).tiny
    logits = np.log(np.maximum(probabilities(found, split="valid"), least))
    labels = found["valid_labels"]

    def loss(t: float) -> float:
        return -log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean()

    return minimize_scalar(loss, bounds=(0.1, 10), method="bounded").x


def check_comparison(results: Path, found: dict[str, dict]) -> None:
    rows = {row["key"]: row for row in read(results, "comparison.csv") if row["status"] == "done"}
    assert rows.keys() == found.keys()
    for key, row in rows.items():
        one, record = found[key], found[key]["record"]
        labels, p = one["test_labels"], probabilities(one)
        hold(row, figures(p, labels), "", 9)
        for index, name in enumerate(record["dataset"]["classes"]):
            own = labels == index
            recall = (p.argmax(1) == index)[own].mean() if own.any() else math.nan
            assert number(row[f"recall_{name}"]) == pytest.approx(recall, nan_ok=True)
        if "test_clean" in one:
            clean = one["test_clean"]
            hold(row, figures(p[clean], labels[clean]), "_clean", 5)
            assert int(row["clean_images"]) == clean.sum() == record["audit"]["clean"]
        if "test_probabilities_tta" in one:
            hold(row, figures(probabilities(one, "_tta"), labels), "_tta", 7)
        valid = probabilities(one, split="valid").argmax(1) == one["valid_labels"]
        assert number(row["valid_accuracy"]) == pytest.approx(valid.mean())
        gap = number(row["train_accuracy"]) - number(row["accuracy"])
        assert number(row["gap"]) == pytest.approx(gap)
        assert number(row["temperature"]) == pytest.approx(temperature(one), rel=1e-3)
        scaled = p ** (1 / number(row["temperature"]))
        scaled /= scaled.sum(axis=1, keepdims=True)
        again = figures(scaled, labels)
        for name in ("nll", "brier", "ece"):
            assert number(row[f"{name}_scaled"]) == pytest.approx(again[name], abs=1e-6)


def splits(one: dict) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    for split in ("valid", "test"):
        yield split, probabilities(one, split=split).argmax(1), one[f"{split}_labels"]
    if "test_clean" in one:
        clean = one["test_clean"]
        yield "test_clean", probabilities(one).argmax(1)[clean], one["test_labels"][clean]


def check_classes(results: Path, found: dict[str, dict]) -> None:
    rows = read(results, "per_class.csv")
    by_place = {(row["key"], row["split"], row["class"]): row for row in rows}
    seen = 0
    for key, one in found.items():
        for split, predicted, labels in splits(one):
            for index, name in enumerate(one["record"]["dataset"]["classes"]):
                row, own, chosen = by_place[key, split, name], labels == index, predicted == index
                seen += 1
                assert int(row["n"]) == own.sum()
                if own.any():
                    hits = int((own & chosen).sum())
                    assert number(row["recall"]) == pytest.approx(hits / own.sum())
                    low, high = wilson(hits, int(own.sum()))
                    assert number(row["low"]) == pytest.approx(low, abs=1e-9)
                    assert number(row["high"]) == pytest.approx(high, abs=1e-9)
                if chosen.any():
                    assert number(row["precision"]) == pytest.approx(
                        (own & chosen).sum() / chosen.sum()
                    )
                if own.any() or chosen.any():
                    f1 = 2 * (own & chosen).sum() / (own.sum() + chosen.sum())
                    assert number(row["f1"]) == pytest.approx(f1)
    assert seen == len(rows)


def groups(results: Path, found: dict[str, dict]) -> dict[str, list[dict]]:
    """The runs of each configuration by its label, in the order of their seeds."""
    by_label: dict[str, list[dict]] = {}
    for row in read(results, "comparison.csv"):
        if row["key"] in found:
            label = row["label"].split(" seed ")[0]
            by_label.setdefault(label, []).append(found[row["key"]])
    for members in by_label.values():
        members.sort(key=lambda one: one["record"]["seed"])
    return by_label


def mean_of(members: list[dict]) -> np.ndarray:
    return sum(one["test_probabilities"].astype(float) for one in members) / len(members)


def check_ensembles(results: Path, found: dict[str, dict]) -> None:
    by_label, rows = groups(results, found), read(results, "ensembles.csv")
    assert {row["ensemble"] for row in rows} == {
        f"{label}: ensemble of {len(members)} seeds"
        for label, members in by_label.items()
        if len(members) > 1
    }
    correct = {}
    for row in rows:
        members = by_label[row["ensemble"].split(":")[0]]
        assert len(json.loads(row["parts"])) == len(members)
        labels, p = members[0]["test_labels"], mean_of(members)
        hold(row, figures(p / p.sum(1, keepdims=True), labels), "", 5)
        correct[row["ensemble"]] = p.argmax(1) == labels
        costs = [one["record"]["cost"] for one in members]
        assert int(row["parameters"]) == sum(cost["parameters"] for cost in costs)
        seconds = sum(cost["train_seconds"] for cost in costs)
        assert number(row["train_seconds"]) == pytest.approx(seconds)
    for label, members in by_label.items():
        first = members[0]
        correct[label] = probabilities(first).argmax(1) == first["test_labels"]
    tests = {"all": np.ones(len(first["test_labels"]), dtype=bool)}
    if "test_clean" in first and 0 < first["test_clean"].sum() < len(first["test_clean"]):
        tests["clean"] = first["test_clean"]
    seen = [
        check_ensemble_pairs(
            [row for row in read(results, "pairs.csv") if row["test"] == name],
            {label: right[images] for label, right in correct.items()},
            len(rows),
            len(by_label),
        )
        for name, images in tests.items()
    ]
    every = [row for row in read(results, "pairs.csv") if row["subject"] == "ensembles"]
    assert sum(seen) == len(every)


def check_ensemble_pairs(
    pairs: list[dict[str, str]], correct: dict[str, np.ndarray], ensembles: int, models: int
) -> int:
    rows = [row for row in pairs if row["subject"] == "ensembles"]
    assert len(rows) == ensembles * models + math.comb(ensembles, 2)
    rows.sort(key=lambda row: number(row["p"]))
    largest = 0.0
    for place, row in enumerate(rows):
        one, two = correct[row["first"]], correct[row["second"]]
        won, lost = int((one & ~two).sum()), int((two & ~one).sum())
        assert (int(row["only_first"]), int(row["only_second"])) == (won, lost)
        assert number(row["value"]) == pytest.approx((won - lost) / len(one))
        p = stats.binomtest(won, won + lost).pvalue if won + lost else 1.0
        assert number(row["p"]) == pytest.approx(p)
        largest = max(largest, min(1.0, (len(rows) - place) * p))
        assert number(row["p_holm"]) == pytest.approx(largest)
        side = "better" if won > lost else "worse"
        assert row["verdict"] == (side if largest < 0.05 else "inconclusive")
        assert int(row["images"]) == len(one)
    return len(rows)


def check_calibration(results: Path, found: dict[str, dict]) -> None:
    rows = read(results, "calibration.csv")
    assert len(rows) == len(found) * 2 * 15
    for row in rows:
        one = found[row["key"]]
        p = probabilities(one) ** (1 / number(row["temperature"]))
        p /= p.sum(axis=1, keepdims=True)
        right = p.argmax(1) == one["test_labels"]
        low, high = number(row["low"]), number(row["high"])
        inside = (p.max(1) > low) & (p.max(1) <= high)
        # A confidence on an edge may fall to either side of it.
        edge = int((np.abs(p.max(1) - low) < 1e-6).sum() + (np.abs(p.max(1) - high) < 1e-6).sum())
        assert abs(int(row["n"]) - inside.sum()) <= edge
        if inside.any() and not edge:
            assert number(row["accuracy"]) == pytest.approx(right[inside].mean())
            assert number(row["confidence"]) == pytest.approx(p.max(1)[inside].mean())


def check_mistakes(results: Path, found: dict[str, dict]) -> None:
    by_key: dict[str, list[dict[str, str]]] = {}
    for row in read(results, "mistakes.csv"):
        by_key.setdefault(row["key"], []).append(row)
    for key, one in found.items():
        p, names = one["test_probabilities"], one["record"]["dataset"]["classes"]
        predicted, labels = p.argmax(1), one["test_labels"]
        wrong = sorted(
            np.flatnonzero(predicted != labels), key=lambda image: (-p[image].max(), image)
        )
        rows = by_key.get(key, [])
        assert [int(row["index"]) for row in rows] == wrong[:100]
        for row in rows:
            image = int(row["index"])
            assert row["true"] == names[labels[image]]
            assert row["predicted"] == names[predicted[image]]
            assert number(row["probability"]) == pytest.approx(p[image].max())
            assert number(row["of_true"]) == pytest.approx(p[image, labels[image]])


def check_disagreements(results: Path, found: dict[str, dict]) -> None:
    by_label = groups(results, found)
    means = {label: mean_of(members) for label, members in by_label.items()}
    differ = {
        int(image)
        for one, two in combinations(means.values(), 2)
        for image in np.flatnonzero(one.argmax(1) != two.argmax(1))
    }
    rows = read(results, "disagreements.csv")
    assert {int(row["index"]) for row in rows} == differ
    assert len(rows) == len(differ) * len(means)
    names = next(iter(found.values()))["record"]["dataset"]["classes"]
    for row in rows:
        image, mean = int(row["index"]), means[row["model"]]
        assert row["predicted"] == names[mean[image].argmax()]
        assert number(row["probability"]) == pytest.approx(mean[image].max())
        if len(means) == 2:
            one, two = (each[image] for each in means.values())
            apart = jensenshannon(one, two, 2) ** 2
            assert number(row["divergence_bits"]) == pytest.approx(apart, abs=1e-6)


def check_words(results: Path) -> None:
    """The main table in words says what the one for programs says."""
    text = (results / "report" / "report.md").read_text(encoding="utf-8")
    table = text.split("## Results")[1].split("\n\n")[1].replace("\\", "").replace("*", "")
    lines = {line.split("|")[1].strip(): line for line in table.splitlines()}
    for row in read(results, "comparison.csv"):
        if row["status"] != "done":
            continue
        for name in ("accuracy", "uar", "macro_f1", "accuracy_clean"):
            if row.get(name):
                assert f" {100 * number(row[name]):.1f} " in lines[row["label"]], (
                    name,
                    row["label"],
                )


def check(results: Path) -> int:
    """Hold all tables against the predictions, and return how many runs there were."""
    found = runs(results)
    check_comparison(results, found)
    check_classes(results, found)
    check_ensembles(results, found)
    check_calibration(results, found)
    check_mistakes(results, found)
    check_disagreements(results, found)
    check_words(results)
    return len(found)


@pytest.mark.usefixtures("quick")
def test_every_number_is_recomputed_on_a_small_set(tiny: Path, tmp_path: Path) -> None:
    results = run(tiny, tmp_path / "results", "-o", "tta=flip", "-o", "batch_size=16")
    assert check(results) == 2 * SEEDS


@pytest.mark.usefixtures("quick")
def test_every_number_is_recomputed_on_real_faces(sample: Path, tmp_path: Path) -> None:
    assert check(run(sample, tmp_path / "results")) == 2 * SEEDS


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_every_number_that_is_published_is_recomputed(folder: Path) -> None:
    assert check(folder) > 0
