import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from harness.errors import RequestError
from harness.report import compare, with_ensembles, with_pairs, write_report
from harness.report.evidence import Evidence
from harness.report.tables import pair_frame
from harness.report.views import class_view, ensemble_view, main_view
from harness.schema import Recipe

N = 700


@pytest.fixture
def entries(make_entry):
    """Three seeds of one model, and one of another."""
    return [
        *(make_entry("vgg", 2.0, 0.5, seed=seed) for seed in range(3)),
        make_entry("convnet", 1.2, 4.0),
    ]


def predictions(record):
    """Predictions with the record's confusion matrices, each run wrong on images of its own."""
    random = np.random.default_rng([record.seed, len(record.model)])
    arrays = {}
    for split in ("test", "valid"):
        counts = np.array(getattr(record, split).confusion)
        labels = np.random.default_rng(0).permutation(np.repeat(np.arange(7), counts.sum(1)))
        chosen = np.empty_like(labels)
        for label, line in enumerate(counts):
            chosen[labels == label] = random.permutation(np.repeat(np.arange(7), line))
        probabilities = 0.9 * random.dirichlet(np.ones(7), N) + np.eye(7)[chosen]
        arrays[f"{split}_probabilities"] = probabilities / probabilities.sum(1, keepdims=True)
        arrays[f"{split}_labels"] = labels
    return arrays | {"test_clean": np.arange(N) % 5 > 0}


def whole(arrays):
    return Evidence(arrays["test_probabilities"], arrays["test_labels"], predictions=arrays)


def read(record):
    return whole(predictions(record))


@pytest.fixture
def comparison(entries):
    return compare(entries)


def test_the_seeds_of_a_model_are_an_ensemble_by_themselves(comparison):
    [one] = with_ensembles(comparison, read).ensembles
    assert one.label == "vgg: ensemble of 3 seeds"
    assert sorted(one.parts) == ["vgg seed 0", "vgg seed 1", "vgg seed 2"]


def test_its_quality_is_scikit_learns_on_the_mean_of_the_probabilities(comparison):
    [one] = with_ensembles(comparison, read).ensembles
    parts = [predictions(row.record) for row in comparison.done if row.record.model == "vgg"]
    mean = np.mean([part["test_probabilities"] for part in parts], axis=0).argmax(1)
    labels, clean = parts[0]["test_labels"], parts[0]["test_clean"]
    assert one.record.test.accuracy == accuracy_score(labels, mean)
    assert one.record.test.uar == pytest.approx(balanced_accuracy_score(labels, mean))
    assert one.record.test_clean.accuracy == accuracy_score(labels[clean], mean[clean])
    assert one.record.test.accuracy > max(
        accuracy_score(labels, part["test_probabilities"].argmax(1)) for part in parts
    )


def test_costs_are_summed_and_rates_taken_one_after_the_other(comparison):
    [one] = with_ensembles(comparison, read).ensembles
    parts = [row for row in comparison.done if row.record.model == "vgg"]
    assert one.record.cost.parameters == sum(row.record.cost.parameters for row in parts)
    assert one.record.cost.train_seconds == sum(row.record.cost.train_seconds for row in parts)
    assert one.record.cost.peak_memory_bytes is None
    rate = parts[0].speed.inference[64].images_per_second
    assert one.speed.inference[64].images_per_second == pytest.approx(rate / 3)
    assert one.speed.latency_ms == {"p50": pytest.approx(3 * parts[0].speed.latency_ms["p50"])}
    assert one.speed.train_step is None


@pytest.mark.parametrize("change", [{"machine": "elsewhere"}, {"threads": 1}, {"device": "mps"}])
def test_parts_timed_in_two_ways_have_no_speed_together(entries, make_speed, change):
    record, epochs, _ = entries[0]
    entries[0] = (record, epochs, make_speed(record, **change))
    [one] = with_ensembles(compare(entries), read).ensembles
    assert one.speed is None


def test_parts_trained_on_two_machines_have_none_together(entries):
    [one] = with_ensembles(compare(entries), read).ensembles
    assert one.trained_on == entries[0][0].environment.machine
    record, epochs, speed = entries[0]
    elsewhere = record.environment.model_copy(update={"machine": "elsewhere"})
    entries[0] = (record.model_copy(update={"environment": elsewhere}), epochs, speed)
    [one] = with_ensembles(compare(entries), read).ensembles
    assert one.trained_on is None


def test_a_part_without_costs_leaves_them_unknown(entries):
    record, epochs, speed = entries[0]
    entries[0] = (record.model_copy(update={"cost": None}), epochs, speed)
    [one] = with_ensembles(compare(entries), read).ensembles
    assert one.record.cost is None


def test_a_pattern_takes_in_all_seeds_of_what_it_matches(comparison):
    found = with_ensembles(comparison, read, ["*"]).ensembles
    labels = {one.label: one.parts for one in found}
    assert len(labels["*: ensemble of 4 runs"]) == 4


def test_a_pattern_for_what_is_there_already_adds_nothing(comparison):
    found = with_ensembles(comparison, read, ["vgg*", "vgg"]).ensembles
    assert [one.label for one in found] == ["vgg: ensemble of 3 seeds"]


def test_brackets_in_a_pattern_are_arguments(make_entry):
    made = compare(
        [make_entry("vgg", skill, seed=1, arguments={"width": 16}) for skill in (1.8, 1.9)]
    )
    found = with_ensembles(made, read, ["vgg[width=16]*"]).ensembles
    assert len(found) == 1


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("convnet", "found only convnet"), ("vg", "did you mean 'vgg'"), ("x*", "unknown model")],
)
def test_a_pattern_for_fewer_than_two_runs_is_one_sentence(comparison, pattern, message):
    with pytest.raises(RequestError, match=f"--ensemble .*needs two finished runs.*{message}"):
        with_ensembles(comparison, read, [pattern])


def test_parts_without_predictions_are_a_warning(comparison):
    told = []
    made = with_ensembles(comparison, lambda record: Evidence(), warn=told.append)
    assert made.ensembles == ()
    assert "left out (vgg seed 0, vgg seed 1, vgg seed 2: there are no predictions)" in told[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda name, array: None if name == "valid_labels" else array, "there are no predictions"),
        (lambda name, array: array[:-1], "the predictions are not of the record's test images"),
        (
            lambda name, array: array[:-1] if name.startswith("valid") else array,
            "the predictions are not of the record's validation images",
        ),
        (
            lambda name, array: array[:, 1:] if array.ndim == 2 else array,
            "the predictions are not of the record's test images",
        ),
    ],
)
def test_parts_whose_predictions_are_not_all_there_are_a_warning(comparison, change, reason):
    def read_less(record):
        changed = {name: change(name, one) for name, one in predictions(record).items()}
        there = {name: one for name, one in changed.items() if one is not None}
        return Evidence(there["test_probabilities"], there["test_labels"], predictions=there)

    told = []
    assert with_ensembles(comparison, read_less, warn=told.append).ensembles == ()
    assert reason in told[0]


def test_parts_on_other_labels_are_a_warning(comparison):
    def other(record):
        arrays = predictions(record)
        order = np.random.default_rng(record.seed).permutation(N)
        names = ("test_probabilities", "test_labels")
        return whole(arrays | {name: arrays[name][order] for name in names})

    told = []
    assert with_ensembles(comparison, other, warn=told.append).ensembles == ()
    assert "test_labels differ" in told[0]


def test_a_part_with_the_predictions_of_another_run_is_a_warning(comparison):
    best, *_, worst = [row.record for row in comparison.done]

    def other(record):
        return read(worst if record == best else record)

    told = []
    assert with_ensembles(comparison, other, warn=told.append).ensembles == ()
    assert "do not give the record's test accuracy" in told[0]


def mixed(arrays):
    order = np.random.default_rng(1).permutation(N)
    return arrays | {"valid_labels": arrays["valid_labels"][order]}


def unknown(arrays):
    probabilities = arrays["valid_probabilities"].copy()
    probabilities[0] = np.nan
    return arrays | {"valid_probabilities": probabilities}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (mixed, "the predictions do not give the record's validation accuracy"),
        (unknown, "the validation predictions are not finite numbers throughout"),
    ],
)
def test_a_part_with_other_validation_images_than_its_records_is_a_warning(
    comparison, change, reason
):
    told = []
    made = with_ensembles(
        comparison, lambda record: whole(change(predictions(record))), warn=told.append
    )
    assert made.ensembles == ()
    assert reason in told[0]


def test_of_many_models_a_note_says_which_columns_there_are(make_entry):
    entries = [make_entry("a", 2.0, 0.5, seed=seed) for seed in (0, 1)]
    entries += [make_entry(f"m{number}", 1.2, 4.0) for number in range(12)]
    view = ensemble_view(with_pairs(with_ensembles(compare(entries), read), read))
    assert len(view.heads) == 12
    assert view.notes[1] == (
        "The 12 of 13 configurations with the highest accuracy; all 13 pairs are in pairs.csv."
    )


def test_of_one_ensemble_nothing_is_said_of_others(judged, make_entry):
    assert "Ensembles against each other" in ensemble_view(judged).notes[0]
    alone = [make_entry("a", 2.0, 0.5, seed=seed) for seed in (0, 1)]
    view = ensemble_view(with_pairs(with_ensembles(compare(alone), read), read))
    assert "each other" not in view.notes[0]


def test_tables_show_ensembles_as_such_and_name_their_parts(comparison):
    made = with_ensembles(comparison, read)
    for view in (main_view(made), class_view(made)):
        [line] = [line for line in view.lines if line.kind == "ensemble"]
        assert line.label == "vgg: ensemble of 3 seeds"
    notes = " ".join(main_view(made).notes)
    assert "vgg: ensemble of 3 seeds: vgg seed" in notes
    assert "not timed" in notes


def test_many_parts_are_counted(make_entry):
    made = compare([make_entry("vgg", 2.0, seed=seed) for seed in range(14)])
    assert any(
        note.endswith(" and 2 more.") for note in main_view(with_ensembles(made, read)).notes
    )


def test_a_file_of_their_own_lists_them_and_goes_with_them(comparison, tmp_path):
    made = with_ensembles(comparison, read)
    write_report(made, tmp_path, generated_at="now")
    [line] = pd.read_csv(tmp_path / "ensembles.csv").to_dict("records")
    assert line["ensemble"] == "vgg: ensemble of 3 seeds"
    assert len(json.loads(line["parts"])) == 3
    assert line["accuracy"] == pytest.approx(made.ensembles[0].record.test.accuracy)
    assert "ensemble of 3 seeds" in (tmp_path / "index.html").read_text()
    write_report(comparison, tmp_path, generated_at="now")
    assert not (tmp_path / "ensembles.csv").exists()


@pytest.fixture
def judged(entries):
    """The comparison with its ensembles judged."""
    made = with_ensembles(compare(entries), read, ["*"])
    return with_pairs(made, read)


def test_an_ensemble_is_judged_against_single_networks_by_the_exact_test(judged):
    pair = judged.pairs.between("vgg: ensemble of 3 seeds", "convnet")
    parts = [predictions(row.record) for row in judged.done if row.record.model == "vgg"]
    [other] = [predictions(row.record) for row in judged.done if row.record.model == "convnet"]
    labels = other["test_labels"]
    one = np.mean([part["test_probabilities"] for part in parts], axis=0).argmax(1) == labels
    two = other["test_probabilities"].argmax(1) == labels
    assert (pair.only_first, pair.only_second) == ((one & ~two).sum(), (two & ~one).sum())
    assert pair.p == pytest.approx(
        binomtest(pair.only_first, pair.only_first + pair.only_second).pvalue
    )
    assert pair.second_seeds == (0,)


def test_ensembles_are_a_family_of_their_own(judged):
    frame = pair_frame(judged)
    frame = frame[frame["subject"] == "ensembles"]
    # Two ensembles against two models each, and against each other.
    assert len(frame) == 5
    assert (frame["p_holm"] >= frame["p"]).all()
    view = ensemble_view(judged)
    assert {line.kind for line in view.lines} == {"ensemble"}
    assert {head.text for head in view.heads} == {"against vgg", "against convnet"}
    assert "5 pairs (Holm)" in view.notes[0]


def test_without_ensembles_there_is_nothing_to_judge(comparison):
    assert with_pairs(comparison, read).pairs.ensembles == ()
    assert ensemble_view(comparison) is None


def with_views(entry, make_metrics, tta):
    record, epochs, speed = entry
    quality = {"test_tta": make_metrics(3.0), "test_clean_tta": make_metrics(3.0)}
    protocol = record.protocol.model_copy(update={"tta": tta})
    slower = {
        size: rate.model_copy(update={"images_per_second": rate.images_per_second / 2})
        for size, rate in speed.inference.items()
    }
    return (
        record.model_copy(update=quality | {"protocol": protocol}),
        epochs,
        speed.model_copy(update={"tta": tta, "inference_tta": slower}),
    )


def over_views(record):
    arrays = predictions(record)
    return whole(arrays | {"test_probabilities_tta": arrays["test_probabilities"]})


def test_rates_over_views_are_those_of_all_parts_too(make_entry, make_metrics):
    entries = [with_views(make_entry(seed=seed), make_metrics, "flip") for seed in range(3)]
    [one] = with_ensembles(compare(entries), over_views).ensembles
    part = entries[0][2].inference_tta[64].images_per_second
    assert one.speed.inference_tta[64].images_per_second == pytest.approx(part / 3)
    assert one.record.test_tta.accuracy == one.record.test.accuracy
    assert one.record.test_clean_tta.accuracy == one.record.test_clean.accuracy


@pytest.mark.parametrize("other", ["none", "views10"])
def test_parts_of_other_views_have_none_together(make_entry, make_metrics, other):
    one, two = make_entry("a", 2.0), make_entry("b", 1.0)
    entries = [with_views(one, make_metrics, "flip")]
    entries += [two if other == "none" else with_views(two, make_metrics, other)]

    def read_some(record):
        return read(record) if record.protocol.tta == "none" else over_views(record)

    [found] = with_ensembles(compare(entries), read_some, ["*"]).ensembles
    assert found.record.test is not None
    assert found.record.test_tta is found.record.test_clean_tta is found.record.valid_tta is None
    assert found.speed.inference_tta == {}


def test_an_ensemble_is_judged_again_on_the_clean_test(make_by_heart):
    made = make_by_heart()
    plain = compare(made.entries)
    labels = made.known[plain.rows[0].record.key].labels
    # Knows all twins, and half of the others.
    predicted = np.where(~made.clean | (np.arange(1200) % 2 == 0), labels, (labels + 1) % 7)
    both = replace(plain.rows[0], label="both", predicted=predicted)
    judged = with_pairs(replace(plain, ensembles=(both,)), made.read)
    pair = judged.pairs.between("both", "b", test="clean")
    [lowest] = (r.record for r in plain.done if (r.record.model, r.record.seed) == ("b", 0))
    other = made.known[lowest.key].predicted
    one, two = ((found == labels)[made.clean] for found in (predicted, other))
    assert (pair.only_first, pair.only_second) == ((one & ~two).sum(), (two & ~one).sum())
    assert pair.images == made.clean.sum()
    assert judged.pairs.between("both", "b").verdict != pair.verdict
    clean, whole = ensemble_view(judged, "clean"), ensemble_view(judged)
    assert clean.title == "Ensembles on the clean test"
    assert clean.lines[0].cells != whole.lines[0].cells
    assert ensemble_view(plain, "clean") is None


def test_one_network_over_other_views_is_one_part(make_entry):
    entries = [
        make_entry("vgg", 2.0, seed=seed, train_key=f"{seed}", recipe=Recipe(epochs=30, tta=tta))
        for seed in range(2)
        for tta in ("none", "flip")
    ]
    comparison = with_ensembles(compare(entries), read, ["vgg"])
    assert {len(one.parts) for one in comparison.ensembles} == {2}
    parameters = {one.record.cost.parameters for one in comparison.ensembles}
    assert parameters == {2 * entries[0][0].cost.parameters}
    # They predict the same, and are judged as one.
    pairs = with_pairs(comparison, read).pairs.ensembles
    assert len({(pair.first, pair.second) for pair in pairs}) == 1
