"""Every number of `pairs.csv` and of the report's verdicts, again from `predictions.npz` alone.

Nothing of the harness computes here: loops over images, scikit-learn's scores with weights, and
scipy's distributions.
"""

import csv
import math
import random
import re
from itertools import combinations
from pathlib import Path
from statistics import fmean, variance

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from harness.cli.main import call
from harness.measure import throughput
from harness.store import Store

HIDDEN = """\
import math
from torch import nn
return nn.Sequential(
    nn.Flatten(), nn.Linear(math.prod(input_shape), 4), nn.ReLU(), nn.Linear(4, num_classes)
)
"""
SCORES = {
    "accuracy": accuracy_score,
    "uar": balanced_accuracy_score,
    "macro_f1": lambda *parts: f1_score(*parts, average="macro"),
}
FEW = 30  # Of fewer images of a class there is no variance to rely on.
PAIRS = {"accuracy": 3, "uar": 1, "macro_f1": 1}
MODELS = {"one": (0, 1, 2), "two": (0, 1, 2), "three": (2,)}


@pytest.fixture
def results(tmp_path: Path, monkeypatch, write_plugin, linear) -> Path:
    """A results folder, and plugins of three models."""
    monkeypatch.setattr(throughput.time_slice, "__defaults__", (0.02,))
    for name, body in (("one", linear), ("two", HIDDEN), ("three", HIDDEN.replace("4", "8"))):
        write_plugin(name, body)
    return tmp_path / "results"


def run(results: Path, data: Path, *words: str) -> None:
    for name, seeds in MODELS.items():
        asked = ["run", name, "-p", str(results.parent / f"{name}.py"), "--data", str(data)]
        asked += ["--seeds", ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")]
        asked += ["--results", str(results), "--engine", "inline", "--threads", "1", *words]
        assert call([*asked, "-o", "augment=none"]) == 0
    report(results)


def report(results: Path) -> None:
    """Write the report of all runs, from the store alone."""
    assert call(["report", "--results", str(results)]) == 0


def predictions(results: Path, test: str) -> tuple[list[int], dict[str, dict[int, list[int]]]]:
    """The test labels, and the predicted classes by model and seed."""
    found: dict[str, dict[int, list[int]]] = {}
    labels = []
    for folder, record in Store(results).list_runs().records:
        with np.load(folder / "predictions.npz") as arrays:
            kept = arrays["test_clean"] if test == "clean" else slice(None)
            labels = arrays["test_labels"][kept].tolist()
            rows = arrays["test_probabilities"][kept].tolist()
        classes = [row.index(max(row)) for row in rows]
        found.setdefault(record.model, {})[record.seed] = classes
    return labels, found


def weighted(labels: list[int], classes: list[int], weights: list[float]) -> dict[str, float]:
    """The scores of images that count so much each, in classes of as many images as there are.

    What is right in a class of few images counts once among those that were predicted.
    """
    occurring = sorted(set(labels) | set(classes))
    hits, predicted = ({c: 0.0 for c in occurring} for _ in range(2))
    true = {c: labels.count(c) for c in occurring}
    for label, found, weight in zip(labels, classes, weights, strict=True):
        predicted[found] += 1 if label == found and true[label] < FEW else weight
        hits[label] += weight * (label == found)
    return {
        "accuracy": sum(hits.values()) / len(labels),
        "uar": fmean(hits[c] / true[c] for c in set(labels)),
        "macro_f1": fmean(2 * hits[c] / max(true[c] + predicted[c], 1e-9) for c in occurring),
    }


def spread(
    labels: list[int], runs: list[list[list[int]]], replicates: int
) -> list[list[list[dict[str, float]]]]:
    """What each model's seeds score on images that are drawn in loops."""
    dice = random.Random(1)
    members = [[i for i, label in enumerate(labels) if label == c] for c in sorted(set(labels))]
    drawn: list[list[list[dict[str, float]]]] = [[[] for _ in seeds] for seeds in runs]
    for _ in range(replicates):
        weights = [0.0] * len(labels)
        for images in members:
            if len(images) < FEW:  # As often left out as counted twice.
                for index in images:
                    weights[index] = dice.choice((0.0, 2.0))
                continue
            for index in dice.choices(images, k=len(images) - 1):
                weights[index] += len(images) / (len(images) - 1)
        for of_seeds, seeds in zip(drawn, runs, strict=True):
            for scores, classes in zip(of_seeds, seeds, strict=True):
                scores.append(weighted(labels, classes, weights))
    return drawn


def check_models(
    labels: list[int], runs: list[list[list[int]]], rows: list[dict[str, str]], replicates: int
) -> None:
    drawn = spread(labels, runs, replicates)
    enough = sum(labels.count(c) >= FEW for c in set(labels))
    for row in rows:
        metric = row["metric"]
        scores = [[[one[metric] for one in seed] for seed in model] for model in drawn]
        values = [[SCORES[metric](labels, classes) for classes in model] for model in runs]
        check_model(len(labels), enough, scores, values, row)


def check_model(
    n: int,
    classes: int,
    drawn: list[list[list[float]]],
    values: list[list[float]],
    row: dict[str, str],
) -> None:
    """Hold one row against the seeds' scores on the images, and on draws of them."""
    means = [[fmean(column) for column in zip(*seeds, strict=True)] for seeds in drawn]
    images = variance([a - b for a, b in zip(*means, strict=True)])
    between = [variance(seeds) / len(seeds) for seeds in values]
    noise = []
    for seeds in drawn:
        apart = [[x - centre for x in column] for column in seeds for centre in (fmean(column),)]
        noise.append(fmean(variance(at) for at in zip(*apart, strict=True)) / len(seeds))
    value = fmean(values[0]) - fmean(values[1])
    total = images + sum(max(0.0, b - n) for b, n in zip(between, noise, strict=True))
    uncertain = images**2 / (n - classes)
    uncertain += sum(b**2 / (len(seeds) - 1) for b, seeds in zip(between, values, strict=True))
    freedom = total**2 / uncertain
    assert float(row["value"]) == pytest.approx(value)
    # Both sides draw at random: their variances agree as far as so many draws tell.
    for low, high, error in (
        ("low", "high", 0.05),
        ("simultaneous_low", "simultaneous_high", 0.05 / PAIRS[row["metric"]]),
    ):
        reach = stats.t.ppf(1 - error / 2, freedom) * math.sqrt(total)
        for name, end in ((low, value - reach), (high, value + reach)):
            assert float(row[name]) == pytest.approx(end, abs=0.15 * reach), name
    p = 2 * stats.t.sf(abs(value) / math.sqrt(total), freedom)
    assert float(row["p"]) == pytest.approx(p, abs=0.05)
    assert (float(row["p"]) < 0.05) == (float(row["low"]) > 0 or float(row["high"]) < 0)
    assert row["only_first"] == row["only_second"] == ""


def check_files(
    labels: list[int], first: list[int], second: list[int], row: dict[str, str]
) -> None:
    triples = list(zip(labels, first, second, strict=True))
    only_first = sum(true == a != b for true, a, b in triples)
    only_second = sum(true == b != a for true, a, b in triples)
    assert [int(row["only_first"]), int(row["only_second"])] == [only_first, only_second]
    assert float(row["value"]) == pytest.approx((only_first - only_second) / len(labels))
    p = stats.binomtest(only_first, only_first + only_second).pvalue
    assert float(row["p"]) == pytest.approx(p)
    for low, high, error in (
        ("low", "high", 0.05),
        ("simultaneous_low", "simultaneous_high", 0.05 / PAIRS["accuracy"]),
    ):
        expected = interval(only_first, only_second, len(labels), error)
        assert [float(row[low]), float(row[high])] == pytest.approx(expected, abs=1e-5)


def interval(only_first: int, only_second: int, n: int, error: float) -> tuple[float, float]:
    """The hull of the differences that the score test, or the exact test, does not reject."""

    def rejected(difference: float) -> bool:
        rest = n - only_first - only_second

        def loss(share: float) -> float:
            terms = ((only_first, share + difference), (only_second, share))
            terms += ((rest, 1 - 2 * share - difference),)
            return -sum(count * math.log(max(p, 1e-300)) for count, p in terms)

        bounds = (max(0.0, -difference), (1 - difference) / 2)
        share = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        deviation = math.sqrt(n * (2 * share + difference - difference**2))
        gap = abs(only_first - only_second - n * difference)
        return gap > stats.norm.isf(error / 2) * deviation

    found, ends = (only_first - only_second) / n, []
    for outside in (-1 + 1e-9, 1 - 1e-9):
        inside = found
        for _ in range(40):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
        ends.append(inside)
    apart = only_first + only_second
    exact = stats.binomtest(only_first, apart).proportion_ci(1 - error)
    low, high = ((2 * share - 1) * apart / n for share in (exact.low, exact.high))
    return min(low, ends[0]), max(high, ends[1])


def check(results: Path, replicates: int, test: str = "all") -> list[dict[str, str]]:
    """Hold `pairs.csv` against the predictions, and return its rows of this test."""
    labels, found = predictions(results, test)
    with (results / "report" / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    # Pairs with an ensemble are a family of their own, held in tests/cli/test_recomputed.py.
    rows = [row for row in rows if row["subject"] != "ensembles" and row["test"] == test]
    couples = {frozenset(couple) for couple in combinations(MODELS, 2)}
    accuracy = [row for row in rows if row["metric"] == "accuracy"]
    assert {frozenset((row["first"], row["second"])) for row in accuracy} == couples
    for metric in SCORES:
        family = sorted(
            (row for row in rows if row["metric"] == metric), key=lambda r: float(r["p"])
        )
        largest = 0.0
        for place, row in enumerate(family):
            largest = max(largest, min(1.0, (len(family) - place) * float(row["p"])))
            assert float(row["p_holm"]) == pytest.approx(largest)
            side = "better" if float(row["value"]) > 0 else "worse"
            assert row["verdict"] == (side if largest < 0.05 else "inconclusive")
            assert int(row["images"]) == len(labels)
        assert len(family) == PAIRS[metric]
    models = [row for row in rows if "three" not in (row["first"], row["second"])]
    for row in models:
        assert row["method"] == "bootstrap over images, variance over seeds"
        assert row["subject"] == "models"
        assert row["first_seeds"] == row["second_seeds"] == "0 1 2"
    pair = [found[models[0][name]] for name in ("first", "second")]
    check_models(labels, [[one[s] for s in (0, 1, 2)] for one in pair], models, replicates)
    for row in accuracy:
        if row not in models:
            assert row["method"] == "exact McNemar, two weight files"
            assert row["subject"] == "weight files"
            assert row["first_seeds"] == row["second_seeds"] == "2"
            check_files(labels, found[row["first"]][2], found[row["second"]][2], row)
    check_matrix(results, accuracy, "Verdicts" if test == "all" else VERDICTS_ON_CLEAN)
    return rows


VERDICTS_ON_CLEAN = "Verdicts on the clean test"


def check_matrix(results: Path, rows: list[dict[str, str]], title: str) -> None:
    """Hold the matrix of the report against the rows of `pairs.csv`, from both sides."""
    text = (results / "report" / "report.md").read_text()
    part = text.split(f"## {title}\n")[1].strip().split("\n\n")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()]
    against = [head.removeprefix("against ") for head in lines[0][1:]]
    cells = {
        (line[0], other): cell
        for line in lines[2:]
        for other, cell in zip(against, line[1:], strict=True)
    }
    turned = {"better": "worse", "worse": "better", "inconclusive": "inconclusive"}
    for row in rows:
        value, p = float(row["value"]), float(row["p_holm"])
        for couple, word, sign in (
            ((row["first"], row["second"]), row["verdict"], 1),
            ((row["second"], row["first"]), turned[row["verdict"]], -1),
        ):
            told = re.fullmatch(
                r"[▲▼≈] (\w+) \(([+−][\d.]+), p (=|\\<) ([\d.]+)(, files)?\)", cells[couple]
            )
            assert told, cells[couple]
            assert told[1] == word
            assert float(told[2].replace("−", "-")) == pytest.approx(100 * sign * value, abs=0.051)
            if told[3] == "=":
                assert float(told[4]) == pytest.approx(p, abs=0.0051)
            else:
                assert p < 0.001
            assert bool(told[5]) == (row["subject"] == "weight files")


def test_every_number_of_the_pairs_is_that_of_plain_loops(results, tiny) -> None:
    run(results, tiny, "-o", "epochs=1", "-o", "batch_size=32")
    assert len(check(results, 1500)) == 3 + 2
    before = (results / "report" / "pairs.csv").read_bytes()
    report(results)
    assert (results / "report" / "pairs.csv").read_bytes() == before


@pytest.mark.slow
def test_on_fer2013_every_number_of_the_pairs_is_that_of_plain_loops(results, fer2013) -> None:
    run(results, fer2013, "-o", "epochs=1")
    rows = check(results, 400)
    assert {row["images"] for row in rows} == {"3589"}
    rows = check(results, 400, "clean")
    assert {row["images"] for row in rows} == {"2667"}
