from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score

from harness.schema import AuditCard, Protocol
from harness.versus.match import match
from harness.versus.quality import judge_quality, quality_values
from harness.versus.side import open_side


@pytest.fixture
def judged(sides, add_run):
    """Return the judgements by metric of two skills over some seeds."""

    def judge(before, after, seeds=(0,), other_seeds=None, **changes):
        for seed in seeds:
            add_run(sides[0], skill=before, seed=seed)
        for seed in seeds if other_seeds is None else other_seeds:
            add_run(sides[1], skill=after, seed=seed, **changes)
        [pair] = match(*map(open_side, sides)).both
        return {one.metric: one for one in judge_quality(pair)}

    return judge


def test_two_weight_files_are_judged_by_the_exact_test_on_their_predictions(judged, sides):
    found = judged(0.6, 0.75)["accuracy"]
    right = []
    for side in sides:
        with np.load(open_side(side).results[0].folder / "predictions.npz") as arrays:
            predicted, labels = arrays["test_probabilities"].argmax(1), arrays["test_labels"]
        right.append(predicted == labels)
        assert accuracy_score(labels, predicted) in (found.first, found.second)
    won, lost = int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())
    assert found.difference == pytest.approx((won - lost) / len(right[0]))
    assert found.p == pytest.approx(binomtest(won, won + lost).pvalue)
    assert found.verdict == "better"
    assert "about these, not about the models" in found.reason


def test_the_other_way_round_is_worse(judged):
    assert judged(0.75, 0.6)["accuracy"].verdict == "worse"


def test_the_same_predictions_are_inconclusive(judged):
    found = judged(0.7, 0.7)["accuracy"]
    assert (found.verdict, found.difference) == ("inconclusive", 0)


def test_with_few_seeds_only_accuracy_has_a_verdict(judged):
    found = judged(0.6, 0.8)
    for metric in ("uar", "macro_f1"):
        assert found[metric].verdict == "inconclusive"
        assert (
            found[metric].reason == "fewer than 3 seeds on a side; the values are of the same files"
        )
        assert found[metric].second > found[metric].first


def test_with_few_seeds_the_means_over_them_are_told_beside(judged, sides):
    found = judged(0.6, 0.8, seeds=(0, 4), other_seeds=(4,))
    one, two = (open_side(side).results for side in sides)
    means = [fmean(run.record.test.accuracy for run in side) for side in (one, two)]
    assert found["accuracy"].values == tuple(means)
    assert found["accuracy"].first == one[1].record.test.accuracy
    assert found["uar"].first == one[1].record.test.uar
    assert found["uar"].second == two[0].record.test.uar
    assert found["uar"].values[0] == fmean(run.record.test.uar for run in one)


def test_the_weight_files_are_those_of_the_lowest_seed_in_common(judged):
    reason = judged(0.6, 0.8, seeds=(0, 4), other_seeds=(4, 5))["accuracy"].reason
    assert "(seeds 4 and 4)" in reason


def test_without_a_seed_in_common_each_side_gives_its_lowest(judged):
    reason = judged(0.6, 0.8, seeds=(0, 4), other_seeds=(2, 5))["accuracy"].reason
    assert "(seeds 0 and 2)" in reason


def test_models_are_judged_over_three_seeds_and_the_images_in_all_metrics(judged, sides):
    found = judged(0.6, 0.75, seeds=(0, 1, 2))
    for metric, one in found.items():
        for side, value in zip(sides, (one.first, one.second), strict=True):
            runs = open_side(side).results
            assert value == pytest.approx(fmean(getattr(r.record.test, metric) for r in runs))
        assert one.difference == pytest.approx(one.second - one.first, abs=1e-6)
        assert one.verdict == "better"
        assert one.low > 0
        assert one.reason == "bootstrap over 3 and 3 seeds and the test images"


def test_other_data_is_not_comparable(judged, sides, add_run):
    add_run(sides[0], "probe")
    card = open_side(sides[0]).results[0].record.dataset
    other = card.model_copy(update={"fingerprint": "0" * 16})
    [*_, found] = judged(0.6, 0.8, dataset=other).values()
    assert found.verdict == "not comparable"
    assert found.reason == "the data differs (pets ffffffff, pets 00000000)"
    assert found.second > found.first


def test_another_protocol_is_not_comparable(judged):
    found = judged(0.6, 0.8, protocol=Protocol(selection="the last epoch"))["accuracy"]
    assert (found.verdict, found.reason) == ("not comparable", "the protocol differs (selection)")


def test_what_a_model_makes_of_its_images_is_no_other_protocol(judged):
    own = Protocol(tta="flip", normalization="by each image", pretrained="ImageNet-1k")
    assert judged(0.6, 0.8, protocol=own)["accuracy"].verdict == "better"


def test_without_predictions_quality_is_not_comparable(judged):
    found = judged(0.6, 0.8, predictions=False)["accuracy"]
    assert found.verdict == "not comparable"
    assert found.reason == "without seed 0 (there are no predictions) of the second side"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", "other shape", "other labels"])
def test_damaged_or_foreign_predictions_are_not_compared(sides, add_run, leave, content):
    for side in sides:
        folder = add_run(side)
    path = folder / "predictions.npz"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        n = 5 if content == "other shape" else 600
        labels = np.zeros(n, int)
        leave(folder, np.eye(3, dtype="f4")[labels], labels)
    [pair] = match(*map(open_side, sides)).both
    assert {one.verdict for one in judge_quality(pair)} == {"not comparable"}


def test_the_predictions_of_another_run_are_not_compared(judged, sides, leave):
    """Nor does a verdict keep silent about the seeds that it is without."""
    assert judged(0.7, 0.6, seeds=range(4))["accuracy"].verdict == "worse"
    by_seed = {one.record.seed: one.folder for one in open_side(sides[1]).results}
    for seed, other in ((1, 0), (3, 2)):
        with np.load(open_side(sides[0]).results[other].folder / "predictions.npz") as arrays:
            leave(by_seed[seed], arrays["test_probabilities"], arrays["test_labels"])
    [pair] = match(*map(open_side, sides)).both
    found = {one.metric: one for one in judge_quality(pair)}["accuracy"]
    assert "exact McNemar's test" in found.reason
    assert found.reason.endswith(
        "; without seeds 1, 3 (the predictions do not give the record's test accuracy) of the "
        "second side"
    )


HALF = np.arange(600) % 2 == 0


def test_without_an_audit_there_is_no_clean_test(judged):
    assert set(judged(0.6, 0.7)) == {"accuracy", "uar", "macro_f1"}


def test_without_a_twin_the_clean_test_says_what_the_whole_does(sides, add_run):
    for side, skill in zip(sides, (0.6, 0.8), strict=True):
        add_run(side, skill=skill, clean=np.ones(600, bool))
    [pair] = match(*map(open_side, sides)).both
    whole, clean = judge_quality(pair)[::3]
    assert replace(clean, metric="accuracy") == whole


@pytest.fixture
def cleanly(sides, add_run):
    """Return the judgements of two skills where these test images are clean on each side."""

    def judge(before, after, masks=(HALF, HALF), seeds=(0,)):
        for side, skill, clean in zip(sides, (before, after), masks, strict=True):
            for seed in seeds:
                add_run(side, skill=skill, seed=seed, clean=clean)
        [pair] = match(*map(open_side, sides)).both
        return {one.metric: one for one in judge_quality(pair)}

    return judge


def test_the_clean_test_is_judged_by_its_images_alone(cleanly, sides):
    found = cleanly(0.6, 0.75)
    assert list(found)[3:] == ["accuracy_clean", "uar_clean", "macro_f1_clean"]
    right = []
    for side in sides:
        with np.load(open_side(side).results[0].folder / "predictions.npz") as arrays:
            predicted, labels = arrays["test_probabilities"].argmax(1), arrays["test_labels"]
        right.append((predicted == labels)[HALF])
    won, lost = int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())
    one = found["accuracy_clean"]
    assert (one.first, one.second) == (right[0].mean(), right[1].mean())
    assert one.p == pytest.approx(binomtest(won, won + lost).pvalue)
    assert (one.verdict, found["uar_clean"].verdict) == ("better", "inconclusive")


def test_models_are_judged_on_the_clean_test_in_all_metrics(cleanly, sides):
    found = cleanly(0.6, 0.75, seeds=(0, 1, 2))
    runs = [one.record for one in open_side(sides[1]).results]
    for metric in ("accuracy", "uar", "macro_f1"):
        one = found[f"{metric}_clean"]
        assert one.second == pytest.approx(fmean(getattr(r.test_clean, metric) for r in runs))
        assert one.verdict == "better"
        assert one.reason == "bootstrap over 3 and 3 seeds and the clean test images"


@pytest.mark.parametrize(
    ("masks", "reason"),
    [
        ((HALF, ~HALF), "the clean test differs: the audits found other twins"),
        ((HALF, None), "without seed 0 (it has no clean test) of the second side"),
        ((None, HALF), "without seed 0 (it has no clean test) of the first side"),
    ],
    ids=["other twins", "second without", "first without"],
)
def test_other_clean_tests_are_not_comparable_and_the_whole_test_is(cleanly, masks, reason):
    found = cleanly(0.6, 0.75, masks)
    assert (found["accuracy_clean"].verdict, found["accuracy"].verdict) == (
        "not comparable",
        "better",
    )
    assert found["accuracy_clean"].reason == reason


def test_a_mask_of_another_audit_than_the_records_is_no_clean_test(cleanly, sides, leave):
    cleanly(0.6, 0.75)
    [run] = open_side(sides[1]).results
    with np.load(run.folder / "predictions.npz") as arrays:
        leave(run.folder, arrays["test_probabilities"], arrays["test_labels"], ~HALF)
    [pair] = match(*map(open_side, sides)).both
    found = {one.metric: one for one in judge_quality(pair)}
    assert found["accuracy"].verdict == "better"
    assert found["uar_clean"].reason == (
        "without seed 0 (the predictions do not give the record's figures on the clean test) of "
        "the second side"
    )


def test_of_seeds_judged_by_several_audits_there_is_no_mean(sides, add_run):
    def audit(digest):
        return AuditCard(version=1, clean_sha256=digest, clean=300, exact=300, near=0)

    for side in sides:
        for seed in (0, 1, 2):
            add_run(side, seed=seed, clean=HALF, audit=audit("b" if seed == 2 else "a"))
    found = {one.metric: one for one in judge_quality(match(*map(open_side, sides)).both[0])}
    assert found["accuracy_clean"].values == (None, None)
    assert quality_values(open_side(sides[0]).results)["uar_clean"] is None
    assert None not in found["accuracy"].values
