"""Pairs against plain loops; what a report writes is in tests/cli/test_pairs.py."""

import numpy as np
import pytest
from scipy import stats

from harness.evaluate.paired import compare_models
from harness.report import compare, with_pairs
from harness.report.evidence import Evidence, nothing
from harness.report.sentence import headline
from harness.schema import Recipe


@pytest.fixture(scope="module")
def mixed(make_entry, evidence):
    """Two models of three seeds or more, one of two seeds, one of a single other seed."""
    return with_pairs(
        compare(
            [
                *(make_entry("a", 2.0, seed=seed) for seed in range(3)),
                *(make_entry("b", 1.8, seed=seed) for seed in range(1, 5)),
                *(make_entry("c", 1.7, seed=seed) for seed in (4, 2)),
                make_entry("d", 1.0, seed=9),
                make_entry("e", status="failed"),
            ]
        ),
        evidence,
    )


def classes_of(comparison, evidence, model):
    rows = next(group.rows for group in comparison.groups if group.label == model)
    return {row.record.seed: evidence(row.record).probabilities.argmax(axis=1) for row in rows}


def test_every_pair_of_finished_configurations_is_judged(mixed):
    assert mixed.pairs.judged
    assert mixed.pairs.left_out == ()
    found = {(p.first, p.second, p.metric): p.subject for p in mixed.pairs.all}
    couples = [a + b for a in "abcd" for b in "abcd" if a < b]
    assert {(*couple, "accuracy") for couple in couples} == {
        key for key in found if key[2] == "accuracy"
    }
    assert found["a", "b", "uar"] == found["a", "b", "macro_f1"] == "models"
    assert sum(key[2] != "accuracy" for key in found) == 2
    assert [couple for couple in couples if found[(*couple, "accuracy")] == "models"] == ["ab"]


def test_models_are_compared_by_all_their_seeds(mixed, evidence):
    a, b = (classes_of(mixed, evidence, model) for model in "ab")
    labels = evidence(mixed.groups[0].rows[0].record).labels
    expected = compare_models(
        labels, np.stack([a[s] for s in (0, 1, 2)]), np.stack([b[s] for s in (1, 2, 3, 4)]), 7
    )
    for one in expected:
        pair = mixed.pairs.between("a", "b", one.metric)
        assert (pair.first_seeds, pair.second_seeds) == ((0, 1, 2), (1, 2, 3, 4))
        assert (pair.value, pair.low, pair.high, pair.p) == pytest.approx(
            (one.value, one.low, one.high, one.p)
        )
        assert pair.images == 700
        assert pair.only_first is pair.only_second is None


@pytest.mark.parametrize(
    ("first", "second", "seeds"),
    [("a", "c", (2, 2)), ("b", "c", (2, 2)), ("c", "d", (2, 9)), ("a", "d", (0, 9))],
)
def test_weight_files_are_of_the_lowest_common_seed_or_the_lowest_of_each(
    mixed, evidence, first, second, seeds
):
    pair = mixed.pairs.between(first, second)
    assert (*pair.first_seeds, *pair.second_seeds) == seeds
    one = classes_of(mixed, evidence, first)[seeds[0]]
    two = classes_of(mixed, evidence, second)[seeds[1]]
    labels = evidence(mixed.groups[0].rows[0].record).labels
    only_first = only_second = 0
    for true, left, right in zip(labels, one, two, strict=True):
        only_first += left == true != right
        only_second += right == true != left
    assert (pair.only_first, pair.only_second) == (only_first, only_second)
    assert pair.value == pytest.approx((only_first - only_second) / 700)
    exact = stats.binomtest(only_first, only_first + only_second).pvalue
    assert pair.p == pytest.approx(exact)


def test_p_values_are_corrected_within_their_metric(mixed):
    for metric, count in (("accuracy", 6), ("uar", 1), ("macro_f1", 1)):
        members = sorted(
            (pair for pair in mixed.pairs.all if pair.metric == metric), key=lambda pair: pair.p
        )
        assert len(members) == count
        largest = 0.0
        for place, pair in enumerate(members):
            largest = max(largest, min(1.0, pair.p * (count - place)))
            assert pair.p_holm == pytest.approx(largest)


def test_simultaneous_intervals_share_the_error_within_their_metric(mixed, evidence):
    labels = evidence(mixed.groups[0].rows[0].record).labels
    a, b = (np.stack([*classes_of(mixed, evidence, model).values()]) for model in "ab")
    wide = compare_models(labels, a, b, 7, confidence=1 - 0.05 / 6)
    alone = compare_models(labels, a, b, 7)
    for metric, expected in (("accuracy", wide[0]), ("uar", alone[1]), ("macro_f1", alone[2])):
        pair = mixed.pairs.between("a", "b", metric)
        assert (pair.simultaneous_low, pair.simultaneous_high) == pytest.approx(
            (expected.low, expected.high)
        )
    for pair in mixed.pairs.all:
        assert pair.simultaneous_low <= pair.low <= pair.value <= pair.high
        assert pair.high <= pair.simultaneous_high


def test_one_configuration_has_no_pair_and_is_not_read(make_entry):
    def refuse(record):
        raise AssertionError

    pairs = with_pairs(compare([make_entry("a"), make_entry("b", status="failed")]), refuse).pairs
    assert (pairs.all, pairs.left_out, pairs.judged) == ((), (), True)


def test_without_predictions_there_is_no_pair_and_a_sentence(make_entry):
    pairs = with_pairs(compare([make_entry("a"), make_entry("b", 1.0)]), nothing).pairs
    assert pairs.all == ()
    assert pairs.left_out == ("In no pair: a, b (there are no predictions).",)


def test_fewer_than_three_seeds_with_predictions_are_no_models(make_entry, evidence):
    entries = [
        make_entry(model, 1.5 + 0.1 * i, seed=s) for i, model in enumerate("ab") for s in range(3)
    ]

    def read(record):
        return Evidence() if (record.model, record.seed) == ("a", 1) else evidence(record)

    pairs = with_pairs(compare(entries), read).pairs
    assert [(pair.subject, pair.metric) for pair in pairs.all] == [("weight files", "accuracy")]
    assert pairs.left_out == ("a is judged without seed 1 (there are no predictions).",)


def test_each_run_is_read_once(make_entry, evidence):
    asked = []

    def read(record):
        asked.append(record.key)
        return evidence(record)

    comparison = compare([make_entry(model, seed=s) for model in "ab" for s in range(3)])
    with_pairs(comparison, read)
    assert sorted(asked) == sorted(row.record.key for row in comparison.rows)


def test_all_is_judged_again_on_the_images_without_twins(make_by_heart):
    made = make_by_heart()
    comparison = with_pairs(compare(made.entries), made.read)
    classes = {
        name: np.stack([made.known[row.record.key].predicted[made.clean] for row in group.rows])
        for name, group in zip("ab", comparison.groups, strict=True)
    }
    labels = made.known[comparison.rows[0].record.key].labels[made.clean]
    for one in compare_models(labels, classes["a"], classes["b"], 7):
        pair = comparison.pairs.between("a", "b", one.metric, test="clean")
        assert (pair.value, pair.low, pair.high, pair.p) == pytest.approx(
            (one.value, one.low, one.high, one.p)
        )
        assert (pair.images, pair.test, pair.subject) == (800, "clean", "models")
    whole, clean = (comparison.pairs.between("a", "b", test=t) for t in ("all", "clean"))
    assert (whole.images, whole.test, whole.verdict) == (1200, "all", "better")
    assert clean.verdict == "worse"
    assert comparison.pairs.of("clean") == comparison.pairs.clean
    assert len(comparison.pairs.clean) == len(comparison.pairs.all) == 3


@pytest.mark.parametrize(
    ("masks", "told"),
    [
        ((None, None), 0),
        ((np.arange(1200) % 2 > 0, np.arange(1200) % 2 > 0), 0),
        ((np.arange(1200) % 3 > 0, np.arange(1200) % 2 > 0), 1),
        ((np.arange(1200) % 3 > 0, None), 1),
    ],
    ids=["no audit", "not the records'", "one not the record's", "one not audited"],
)
def test_without_one_clean_test_of_all_there_is_no_verdict_on_it(make_by_heart, masks, told):
    made = make_by_heart(seeds=1)

    def read(record):
        mask = masks["ab".index(record.model)]
        found = {} if mask is None else {"test_clean": mask}
        known = made.read(record)
        return Evidence(known.probabilities, known.labels, predictions=found)

    pairs = with_pairs(compare(made.entries), read).pairs
    assert len(pairs.all) == 1
    assert pairs.clean == ()
    said = [note for note in pairs.left_out if note.startswith("Without verdicts on the clean")]
    assert len(said) == told
    assert pairs.between("a", "b", test="clean") is None


def test_where_no_image_has_a_twin_there_is_no_second_family(make_by_heart):
    made = make_by_heart(seeds=1)
    everything = np.ones(1200, bool)
    entries = [
        (record.model_copy(update={"test_clean": record.test}), *rest)
        for record, *rest in made.entries
    ]

    def read(record):
        known = made.read(record)
        found = {"test_clean": everything}
        return Evidence(known.probabilities, known.labels, predictions=found)

    pairs = with_pairs(compare(entries), read).pairs
    assert (pairs.clean, pairs.left_out) == ((), ())


def test_one_network_over_other_views_is_no_rival_of_itself(make_entry, evidence):
    plain = [make_entry("a", 2.0, seed=seed, train_key=f"a{seed}") for seed in range(2)]
    views = [
        make_entry("a", 2.0, seed=seed, train_key=f"a{seed}", recipe=Recipe(epochs=30, tta="flip"))
        for seed in range(3)
    ]
    others = [make_entry("b", 1.0, seed=seed, train_key=f"b{seed}") for seed in range(2)]
    found = with_pairs(compare([*plain, *views, *others]), evidence)
    # The one with the most seeds stands for both.
    (_, three) = sorted(found.groups, key=lambda group: len(group.rows))[-2:]
    assert len(three.rows) == 3
    assert [group.label for group in found.rivals] == [three.label, "b"]
    assert found.pairs.count() == 1
    assert found.pairs.between(three.label, "b").verdict == "better"
    [note] = found.pairs.left_out
    assert note.endswith("(has the weights of another, evaluated over other views).")
    text = headline(found)
    assert text.startswith(f"On the data fer2013, {three.label} is ahead")
    assert "b follows with" in text

    alone = with_pairs(compare([*plain, *views]), evidence)
    assert (alone.pairs.all, alone.pairs.left_out) == ((), (note,))
    assert "nothing to compare it with" in headline(alone)
