"""How often a verdict on two models errs, and what it finds, by simulation.

``python benchmarks/simulate_verdicts.py`` prints the table of docs/protocol.md. Each simulation
draws the predictions of two models with some seeds each and asks for their difference as a report
does. Whether a run is right on an image is drawn from a latent variable::

    margin of the class + image + image and model + image and run + seed + seed and class > 0

The first term is set by the recall of the class and the wanted difference of the models. The next
three are normal with variances that sum to 1: their shares are solved for (bivariate normal) so
that two runs of different models differ in being right on 20 % of the images, and two seeds of one
model on a share that is given. A seed moves the accuracy by a normal amount, and the recall of each
class by a normal amount of 1.5 points without moving the accuracy further. A wrong prediction is
the image's rival class seven times in ten, else any wrong one.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm

from harness.evaluate.bootstrap import METRICS, Bootstrap, Scores
from harness.evaluate.paired import compare_scores, verdict

# FER-2013's test split, and recalls as networks of about 70 % accuracy have them.
COUNTS = np.array([491, 55, 528, 879, 594, 416, 626])
RECALLS = np.array([0.62, 0.62, 0.52, 0.88, 0.58, 0.80, 0.71])
LABELS = np.repeat(np.arange(len(COUNTS)), COUNTS)
SHARES = COUNTS / COUNTS.sum()
BETWEEN_MODELS = 0.20
CLASS_SPREAD = 0.015
RIVAL = 0.7


@dataclass(frozen=True)
class Scenario:
    """Two models: how their seeds vary, and by how much the first is better.

    ``between_seeds`` is the share of images on which two seeds of one model differ in being right;
    ``seed_spread`` the standard deviation that seeds add to the accuracy beyond the noise of that.
    ``shared`` is the share of what a seed does on single images that both models have in common, 0
    for independent ones; else the second is the first with a change, trained with the same seeds,
    and what a seed does to the accuracy and to classes is the same for both.
    """

    name: str
    between_seeds: float
    seed_spread: float
    seeds: int = 3
    difference: float = 0.0
    shared: float = 0.0


HALF = ("0.4 points, half of it noise on images", 0.0574, 0.00283)
NOISE = ("0.4 points, all of it noise on images", 0.115, 0.0)
SCENARIOS = (
    Scenario(*HALF),
    Scenario(*NOISE),
    Scenario("0.4 points, nearly no noise on images", 0.006, 0.0039),
    Scenario("0.6 points", 0.15, 0.004),
    Scenario("1.1 points", 0.15, 0.01),
    Scenario(*HALF, difference=0.01),
    Scenario(*HALF, difference=0.02),
    Scenario(*HALF, difference=0.03),
    Scenario(*NOISE, difference=0.01),
    Scenario(*NOISE, difference=0.02),
    Scenario(*NOISE, difference=0.03),
    Scenario(*HALF, seeds=5),
    Scenario(*HALF, seeds=5, difference=0.01),
    Scenario(*HALF, seeds=10, difference=0.01),
    Scenario("a change, the same seeds", *NOISE[1:], shared=0.5),
    Scenario("a small change, the same seeds", *NOISE[1:], shared=0.9),
    Scenario("a small change, the same seeds", *NOISE[1:], shared=0.9, difference=0.01),
    Scenario("a small change, the same seeds", *NOISE[1:], shared=0.9, difference=0.03),
)
# What a seed does to a model: images for all of its seeds, for each, and classes.
Noise = tuple[np.ndarray, np.ndarray, np.ndarray]


def correlation(discordance: float) -> float:
    """Return the correlation at which two runs differ in being right on that share of images."""
    margins = norm.ppf(RECALLS)

    def excess(value: float) -> float:
        both = [
            multivariate_normal.cdf([m, m], cov=[[1, value], [value, 1]], allow_singular=True)
            for m in margins
        ]
        return float(SHARES @ (2 * (RECALLS - both))) - discordance

    return float(brentq(excess, 0.0, 1 - 1e-9))


def margins(difference: float) -> np.ndarray:
    """Return the margins of the classes at which the accuracy is that much higher."""
    base = norm.ppf(RECALLS)
    wanted = SHARES @ RECALLS + difference
    return base + brentq(lambda shift: SHARES @ norm.cdf(base + shift) - wanted, -2, 2)


class Simulator:
    """Draws the predictions of two models of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.of_images = correlation(BETWEEN_MODELS)
        self.of_models = correlation(scenario.between_seeds) - self.of_images
        self.margins = [margins(sign * scenario.difference / 2) for sign in (1, -1)]
        # How far the latent variable moves for a point of recall, class by class.
        self.slope = norm.pdf(norm.ppf(RECALLS))

    def draw(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictions ``(seeds, images)`` of both models."""
        n, classes = len(LABELS), len(COUNTS)
        image = math.sqrt(self.of_images) * random.standard_normal(n)
        rival = (LABELS + random.integers(1, classes, n)) % classes
        predicted: list[np.ndarray] = []
        before: Noise | None = None
        for margin in self.margins:
            noise = self._noise(random)
            if before is not None and self.scenario.shared:
                fresh = math.sqrt(1 - self.scenario.shared) * noise[1]
                noise = (before[0], math.sqrt(self.scenario.shared) * before[1] + fresh, before[2])
            predicted.append(self._predict(random, margin, image, rival, noise))
            before = noise
        return predicted[0], predicted[1]

    def _noise(self, random: np.random.Generator) -> Noise:
        seeds, n, classes = self.scenario.seeds, len(LABELS), len(COUNTS)
        own = math.sqrt(self.of_models) * random.standard_normal(n)
        rest = math.sqrt(1 - self.of_images - self.of_models) * random.standard_normal((seeds, n))
        moved = CLASS_SPREAD * random.standard_normal((seeds, classes))
        moved -= (moved @ SHARES)[:, None]
        moved += self.scenario.seed_spread * random.standard_normal((seeds, 1))
        return own, rest, moved

    def _predict(
        self,
        random: np.random.Generator,
        margin: np.ndarray,
        image: np.ndarray,
        rival: np.ndarray,
        noise: Noise,
    ) -> np.ndarray:
        seeds, n, classes = self.scenario.seeds, len(LABELS), len(COUNTS)
        own, rest, moved = noise
        level = margin + moved / self.slope
        right = level[:, LABELS] + image + own + rest > 0
        other = (LABELS + random.integers(1, classes, (seeds, n))) % classes
        wrong = np.where(random.random((seeds, n)) < RIVAL, rival, other)
        return np.where(right, LABELS, wrong)


def images_alone(first: Scores, second: Scores) -> bool:
    """Say whether a normal interval over images, without the variance over seeds, excludes 0."""
    value = first.values[0].mean() - second.values[0].mean()
    return bool(abs(value) > 1.96 * np.std(first.drawn[0] - second.drawn[0], ddof=1))


def simulate(scenario: Scenario, simulations: int, bootstrap: Bootstrap) -> dict[str, float]:
    """Return rates over simulations, and what the drawn predictions were like."""
    simulator, found = Simulator(scenario), []
    for number in range(simulations):
        first, second = simulator.draw(np.random.default_rng([SCENARIOS.index(scenario), number]))
        scores = bootstrap.score(first), bootstrap.score(second)
        differences = compare_scores(*scores)
        verdicts = [verdict(one.low, one.high) for one in differences]
        accuracy = differences[0]
        right = [one == LABELS for one in (first, second)]
        found.append(
            {
                **{
                    name: one != "inconclusive" for name, one in zip(METRICS, verdicts, strict=True)
                },
                "wrong side": verdicts[0] == "worse" and scenario.difference > 0,
                "covered": accuracy.low <= scenario.difference <= accuracy.high,
                "reach": (accuracy.high - accuracy.low) / 2,
                "images alone": images_alone(*scores),
                "variance": np.mean([one.values[0].var(ddof=1) for one in scores]),
                "models differ": np.mean(right[0][0] != right[1][0]),
                "seeds differ": np.mean(right[0][0] != right[0][1]),
            }
        )
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def rows(simulations: int) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    bootstrap = Bootstrap(LABELS, len(COUNTS))
    heads = (
        "spread over seeds",
        "seeds",
        "true difference",
        "declared: accuracy",
        "UAR",
        "macro-F1",
        "wrong side",
        "interval holds the truth",
        "its reach",
        "declared from images alone",
        "drawn: sd over seeds",
        "models differ on",
        "seeds differ on",
    )
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for scenario in SCENARIOS:
        found = simulate(scenario, simulations, bootstrap)
        cells = (
            scenario.name,
            str(scenario.seeds),
            f"{100 * scenario.difference:.0f}",
            *(f"{100 * found[name]:.1f} %" for name in (*METRICS, "wrong side", "covered")),
            f"±{100 * found['reach']:.1f}",
            f"{100 * found['images alone']:.1f} %",
            f"{100 * math.sqrt(found['variance']):.2f}",
            *(f"{100 * found[name]:.1f} %" for name in ("models differ", "seeds differ")),
        )
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--simulations", type=int, default=2000, help="for each line")
    simulations = parser.parse_args().simulations
    error = 100 * math.sqrt(0.05 * 0.95 / simulations)
    print(f"{simulations} simulations a line; 5 % has a standard error of {error:.2f} points.\n")
    for row in rows(simulations):
        print(row, flush=True)


if __name__ == "__main__":
    main()
