from dataclasses import replace

import numpy as np

from harness.evaluate.metrics import evaluate
from harness.report import compare, with_pairs
from harness.report.evidence import Evidence
from harness.report.pairs import Pair
from harness.report.sentence import _another, headline
from harness.schema import AuditCard


def say(*entries):
    return headline(compare(entries))


def test_the_leader_is_named_with_intervals_and_cost(make_entry):
    text = say(make_entry("vgg", 2.0, 0.5), make_entry("convnet", 1.0, 4.0))
    assert text == (
        "On the data fer2013, vgg is ahead: it gets 72.1 % (95 % interval 68.7–75.3 %) of 700 test "
        "images right; convnet follows with 43.4 % (95 % interval 39.8–47.1 %). The cost of vgg "
        "against convnet: 3.20 M against 400 k parameters, 617 against 4938 images/s in training, "
        "1605 against 12840 images/s in inference, 9.50 against 1.19 ms for one image."
    )


def test_no_winner_is_claimed_where_intervals_overlap(make_entry):
    text = say(make_entry("a", 1.50), make_entry("b", 1.52))
    assert "no winner can be named" in text
    assert "the difference is within the intervals" in text
    assert "ahead" not in text


def test_significance_is_never_claimed(make_entry):
    for second in (0.5, 1.5):
        assert "significan" not in say(make_entry("a", 1.5), make_entry("b", second))


def test_intervals_that_touch_name_no_winner(make_entry):
    first, second = make_entry("a", 2.0), make_entry("b", 1.0)
    test = second[0].test.model_copy(update={"accuracy_high": first[0].test.accuracy_low})
    touching = (second[0].model_copy(update={"test": test}), *second[1:])
    assert "no winner" in say(first, touching)


def test_of_many_the_first_two_are_told_and_the_number(make_entry):
    text = say(make_entry("a", 3.0), make_entry("b", 1.0), make_entry("c", 0.5))
    assert "a is ahead of the 2 other configurations: it gets" in text
    assert "b follows" in text
    assert " c " not in text


def test_a_single_model_is_said_to_be_alone(make_entry):
    text = say(make_entry("vgg", 2.0))
    assert "vgg gets 72.1 % (95 % interval 68.7–75.3 %) of 700 test images right" in text
    assert "nothing to compare" in text
    assert "cost" not in text


def test_what_twins_make_of_an_accuracy_is_told_where_it_is_more_than_chance(make_entry):
    def without_twins(accuracy):
        record, *others = make_entry("vgg", 2.0)
        half = {"n": 350, "accuracy": accuracy}
        bounds = {"accuracy_low": accuracy - 0.03, "accuracy_high": accuracy + 0.03}
        clean = record.test.model_copy(update=half | bounds)
        return (record.model_copy(update={"test_clean": clean}), *others)

    told = "Of the test images without a twin in training, vgg gets 59.4 % right."
    assert told in say(without_twins(0.594), make_entry("convnet", 1.0))
    # The two intervals meet, and yet: of the same images these are a part.
    assert "vgg gets 67.0 % right" in say(without_twins(0.67), make_entry("convnet", 1.0))
    assert "twin" not in say(without_twins(0.70), make_entry("convnet", 1.0))
    assert "twin" not in say(make_entry("vgg", 2.0), make_entry("convnet", 1.0))


def test_seeds_are_one_configuration_with_mean_and_deviation(make_entry):
    entries = [make_entry("vgg", 2.0, seed=seed) for seed in range(3)]
    accuracies = [record.test.accuracy for record, _, _ in entries]
    text = say(*entries)
    assert f"{100 * sum(accuracies) / 3:.1f} ± " in text
    assert "mean over 3 seeds" in text
    assert "nothing to compare" in text


def test_without_a_result_the_reasons_are_pointed_to(make_entry):
    bad, worse = make_entry("b", status="failed"), make_entry("c", status="timeout")
    assert say(bad) == "The only run has no result; the reason is below."
    assert say(bad, worse) == "None of the 2 runs has a result; the reasons are below."
    assert say(make_entry("a"), bad).endswith("1 run without a result: the reason is below.")
    text = say(make_entry("a"), bad, worse)
    assert text.endswith("2 runs without a result: the reasons are below.")
    torn = headline(compare([make_entry("a")], broken=[("plugin torn", "SyntaxError")]))
    assert "it is the only one with a result" in torn
    assert torn.endswith("1 without a result: the reason is below.")


def test_synthetic_data_is_said(make_entry, make_dataset):
    assert say(make_entry(dataset=make_dataset(synthetic=True))).startswith("On synthetic data")


def test_speeds_of_two_machines_are_not_put_against_each_other(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    text = say((one, [], make_speed(one)), (two, [], make_speed(two, machine="other")))
    assert "parameters" in text
    assert "images/s" not in text
    assert text.endswith("Their speeds are of different machines and are not compared.")


def test_speeds_on_other_numbers_of_threads_are_not_put_against_each_other(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    text = say((one, [], make_speed(one, threads=1)), (two, [], make_speed(two, threads=2)))
    assert "images/s" not in text
    assert text.endswith(
        "Their speeds are of different devices or numbers of threads and are not compared."
    )


def test_rates_whose_rounds_overlap_are_said_to(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    first = make_speed(one)
    wide = first.train_step.model_copy(update={"images_per_second": 700.0, "high": 1e5})
    text = say((one, [], first), (two, [], make_speed(two, train_step=wide)))
    assert "against 700 images/s in training (rounds overlap)" in text
    assert text.count("rounds overlap") == 1 + (
        max(rate.high for rate in first.inference.values())
        >= min(rate.low for rate in make_speed(two).inference.values())
    )


def test_what_was_not_measured_is_not_said(make_record, make_speed):
    one, two = make_record("a", 2.0, cost=None), make_record("b", 1.0)
    assert "cost" not in say((one, [], None), (two, [], None))
    bare = {"train_step": None, "inference": {}, "latency_ms": {}}
    text = say((one, [], make_speed(one, **bare)), (two, [], make_speed(two)))
    assert "cost" not in text


def judged(evidence, *entries):
    comparison = with_pairs(compare(entries), evidence)
    return comparison, headline(comparison)


def told(pair, corrected=""):
    """The figures of a pair in a sentence."""
    # An interval that is not corrected would contradict a p-value that is.
    alone, at_once = (pair.low, pair.high), (pair.simultaneous_low, pair.simultaneous_high)
    value, low, high = (
        f"{100 * x:+.1f}".replace("-", "−")
        for x in (pair.value, *(at_once if corrected else alone))
    )
    p = "p < 0.001" if pair.p_holm < 0.001 else f"p = {pair.p_holm:.2f}"
    return f"the difference of {value} points (95 % interval {low} to {high}; {p}{corrected})"


def test_a_verdict_on_models_is_over_seeds_and_images(make_entry, evidence):
    entries = [
        make_entry(m, skill, seed=s) for m, skill in (("a", 2.0), ("b", 1.0)) for s in range(3)
    ]
    comparison, text = judged(evidence, *entries)
    pair = comparison.pairs.between("a", "b")
    assert "a is ahead: it gets" in text
    assert f"and {told(pair)} is beyond chance, over seeds and images." in text
    assert "weight file" not in text


def test_models_that_cannot_be_told_apart_have_no_winner(make_entry, evidence):
    entries = [
        make_entry(m, 1.5, seed=s)
        for m, plus in (("a", 0), ("b", 3))
        for s in range(plus, plus + 3)
    ]
    comparison, text = judged(evidence, *entries)
    pair = comparison.pairs.between(*(group.label for group in comparison.groups))
    assert "no winner can be named" in text
    assert f"and {told(pair)} is not beyond chance, over seeds and images." in text
    assert "ahead" not in text


def test_a_verdict_on_weight_files_says_so(make_entry, evidence):
    comparison, text = judged(evidence, make_entry("a", 2.0), make_entry("b", 1.0))
    assert "a is ahead, weight file against weight file: it gets" in text
    found = told(comparison.pairs.between("a", "b"))
    assert (
        f"and {found} between the weight files of seed 0 is beyond chance; a verdict on the models "
        "takes three seeds of each." in text
    )
    _, text = judged(evidence, make_entry("a", 1.5, seed=4), make_entry("b", 1.52, seed=2))
    assert "between the weight files of seeds " in text
    assert "is not beyond chance; a verdict on the models takes three seeds of each." in text


def test_intervals_that_overlap_are_no_verdict_where_there_is_one(make_entry, evidence):
    """Pairs of images tell more than two intervals side by side."""
    comparison, _ = judged(evidence, make_entry("a", 2.0), make_entry("b", 1.8))
    first, second = comparison.groups
    assert second.interval[1] > first.interval[0]
    pair = replace(comparison.pairs.all[0], p_holm=0.01)
    better = replace(comparison, pairs=replace(comparison.pairs, all=(pair,)))
    assert "a is ahead" in headline(better)


def test_of_several_pairs_the_correction_is_told(make_entry, evidence):
    entries = [make_entry("a", 3.0), make_entry("b", 1.0), make_entry("c", 0.5)]
    comparison, text = judged(evidence, *entries)
    assert told(comparison.pairs.between("a", "b"), ", both corrected for 3 pairs") in text


def test_where_means_and_weight_files_contradict_each_other_no_winner_is_named(
    make_entry, evidence
):
    comparison, _ = judged(evidence, make_entry("a", 2.0), make_entry("b", 1.0))
    turned = replace(comparison.pairs.all[0].turned, first="a", second="b")
    text = headline(replace(comparison, pairs=replace(comparison.pairs, all=(turned,))))
    assert "no winner can be named: a gets 72.1 %" in text
    assert f"but of b over a {told(turned.turned)} between the weight files of seed 0" in text
    assert "ahead" not in text


def test_what_no_file_was_held_against_is_not_said_to_be_behind_by_its_file(make_entry, evidence):
    entries = [make_entry("a", 3.0), make_entry("b", 1.0), make_entry("c", 0.5)]
    _, text = judged(evidence, *entries)
    assert "a is ahead of the 2 other configurations, weight file against weight file" in text
    _, text = judged(
        lambda record: Evidence() if record.model == "c" else evidence(record), *entries
    )
    assert "a is ahead of the 2 other configurations, of b by one weight file each" in text


def test_of_whom_the_first_is_ahead_by_files_alone_is_said(make_entry, evidence):
    entries = [make_entry(m, k, seed=s) for m, k in (("a", 3.0), ("b", 1.5)) for s in range(3)]
    _, text = judged(evidence, *entries, make_entry("c", 1.0))
    assert "a is ahead of the 2 other configurations, of c by one weight file each: it gets" in text
    assert "is beyond chance, over seeds and images." in text
    _, text = judged(evidence, *entries)
    assert "file" not in text
    few = [make_entry("b", 1.5), *(make_entry("c", 1.0, seed=seed) for seed in range(3))]
    _, text = judged(evidence, *entries[:3], *few)
    assert "ahead of the 2 other configurations, of b by one weight file each: it gets" in text


def test_a_model_that_is_left_alone_by_failures_is_not_called_the_only_one(make_entry):
    text = say(make_entry("a"), make_entry("b", status="failed"))
    assert "it is the only one with a result, so there is nothing to compare it with" in text


def test_who_cannot_be_told_from_the_first_is_named(make_entry, evidence):
    entries = [make_entry("a", 3.0), make_entry("b", 2.0), make_entry("c", 1.0)]
    comparison, _ = judged(evidence, *entries)
    pairs = tuple(
        replace(pair, p_holm=0.2) if pair.second == "c" and pair.first == "a" else pair
        for pair in comparison.pairs.all
    )
    text = headline(replace(comparison, pairs=replace(comparison.pairs, all=pairs)))
    assert (
        "a is ahead of b, though not for certain of c, weight file against weight file: it gets"
    ) in text


def test_who_is_ahead_of_the_first_in_files_is_not_called_uncertain(make_entry, evidence):
    """Means put a before c and d; of c and d the files of one seed say otherwise."""
    entries = [make_entry(name, 3 - place / 2) for place, name in enumerate("abcd")]
    comparison, _ = judged(evidence, *entries)
    pairs = tuple(
        replace(pair, p_holm=0.001, value=-0.03)
        if (pair.first, pair.second) == ("a", "c")
        else pair
        for pair in comparison.pairs.all
        if (pair.first, pair.second) != ("a", "d")
    )
    pairs += (replace(comparison.pairs.between("a", "d"), p_holm=0.2),)
    text = headline(replace(comparison, pairs=replace(comparison.pairs, all=pairs)))
    assert (
        "a is ahead of b, though not for certain of d and though behind c, weight file against "
        "weight file: it gets"
    ) in text


def test_an_interval_that_would_contradict_the_verdict_is_that_of_the_pair_alone(
    make_entry, evidence
):
    """Holm finds more than Bonferroni, which the intervals are by."""
    entries = [make_entry("a", 3.0), make_entry("b", 2.0), make_entry("c", 1.0)]
    comparison, _ = judged(evidence, *entries)
    pairs = tuple(
        replace(pair, p_holm=0.04, low=0.002, high=0.016, simultaneous_low=-0.001)
        for pair in comparison.pairs.all
    )
    text = headline(replace(comparison, pairs=replace(comparison.pairs, all=pairs)))
    assert "(95 % interval of this pair alone +0.2 to +1.6; p = 0.040, corrected for 3 pairs)" in (
        text
    )
    assert "both corrected" not in text


def test_without_predictions_the_intervals_are_what_is_told(make_entry):
    comparison = with_pairs(
        compare([make_entry("a", 1.50), make_entry("b", 1.52)]), lambda r: Evidence()
    )
    assert "the difference is within the intervals" in headline(comparison)


def test_a_lead_that_twins_in_training_made_is_told_as_such(make_by_heart):
    made = make_by_heart()
    comparison, text = judged(made.read, *made.entries)
    assert text.startswith("On the data fer2013, a is ahead")
    pair = comparison.pairs.between("b", "a", test="clean")
    one, two = (
        sum(row.record.test_clean.accuracy for row in group.rows) / 3 for group in comparison.groups
    )
    assert (
        f"Of the test images without a twin in training, a gets {100 * one:.1f} % and b "
        f"{100 * two:.1f} % right; there b is ahead, and the difference of +{100 * pair.value:.1f} "
        f"points (95 % interval +{100 * pair.low:.1f} to +{100 * pair.high:.1f}; p < 0.001) is "
        "beyond chance, over seeds and images."
    ) in text


def test_a_lead_that_is_gone_without_twins_is_told_as_such(make_by_heart):
    made = make_by_heart(seeds=1, share=0.5)
    comparison, text = judged(made.read, *made.entries)
    assert comparison.pairs.between("a", "b", test="clean").verdict == "inconclusive"
    _, told = text.split("% right; there the difference of ")
    assert "between the weight files of seed 0 is not beyond chance" in told


def test_a_difference_that_is_there_only_without_twins_is_told(make_by_heart):
    made = make_by_heart(share=0.68)
    comparison, text = judged(made.read, *made.entries)
    assert comparison.pairs.all[0].verdict == "inconclusive"
    first = comparison.groups[0].label
    clean = comparison.pairs.between(first, "b" if first == "a" else "a", test="clean")
    ahead = first if clean.verdict == "better" else clean.second
    assert f"; there {ahead} is ahead, and the difference of +" in text


def test_files_that_say_another_thing_than_the_means_name_nobody_ahead(make_by_heart):
    made = make_by_heart(seeds=2, share=0.49)
    comparison = with_pairs(compare(made.entries), made.read)
    (pair,) = comparison.pairs.clean
    turned = replace(pair, value=-0.03, low=-0.05, high=-0.01, p=0.001, p_holm=0.001)
    text = headline(replace(comparison, pairs=replace(comparison.pairs, clean=(turned,))))
    assert "there, of b over a, the difference of +3.0 points" in text
    assert "between the weight files of seed 0 is beyond chance" in text
    assert text.count("a verdict on the models takes three seeds of each") == 1
    unsure = replace(turned, p=0.3, p_holm=0.3)
    whole = tuple(replace(pair, p_holm=0.001) for pair in comparison.pairs.all)
    found = replace(comparison.pairs, all=whole, clean=(unsure,))
    assert "there, of b over a, the difference of +3.0 points" in headline(
        replace(comparison, pairs=found)
    )


def test_another_than_the_second_may_be_ahead_without_twins(make_by_heart):
    """The first two know twins by heart; the third is ahead of both without them."""
    made = make_by_heart()

    def again(name, entries, spoilt):
        """The same model under another name, wrong on so many twins more."""
        for record, *rest in entries:
            known = made.known[record.key]
            chosen = known.predicted.copy()
            twins = np.flatnonzero(~made.clean)[:spoilt]
            chosen[twins] = (known.labels[twins] + 1) % 7
            probabilities = 0.9 * np.eye(7)[chosen] + 0.1 / 7
            changes = {"model": name, "key": f"{name}{record.key}"}
            for field, part in (("test", slice(None)), ("test_clean", made.clean)):
                classes = record.dataset.classes
                changes[field] = evaluate(probabilities[part], known.labels[part], classes)
            made.known[changes["key"]] = replace(known, probabilities=probabilities)
            yield (record.model_copy(update=changes), *rest)

    second = list(again("c", made.entries[:3], spoilt=40))
    comparison, text = judged(made.read, *made.entries, *second)
    assert [group.label for group in comparison.groups] == ["a", "c", "b"]
    assert "; there b is ahead, and the difference of +" in text
    # The second is behind there, too.
    assert " One further verdict is different on the clean test (pairs.csv). The cost" in text
    fourth = again("d", made.entries[3:], spoilt=5)
    _, text = judged(made.read, *made.entries, *second, *fourth)
    assert " 3 further verdicts are different on the clean test (pairs.csv). The cost" in text
    _, text = judged(made.read, *made.entries)
    assert "further verdict" not in text


def test_clean_images_of_two_audits_are_not_put_side_by_side(make_by_heart):
    made = make_by_heart()
    cards = [
        AuditCard(version=1, clean_sha256=digest, clean=800, exact=300, near=100)
        for digest in ("x", "y")
    ]
    entries = [
        (record.model_copy(update={"audit": cards[record.model == "b"]}), *rest)
        for record, *rest in made.entries
    ]
    assert "twin" not in judged(made.read, *entries)[1]


def test_a_lead_that_fewer_images_leave_unsure_is_no_other_story():
    figures = (0.02, 0.002, 0.038, 0.03, 0.03, 0.002, 0.038)
    whole = Pair("a", "b", "accuracy", "models", (0, 1, 2), (0, 1, 2), 3589, *figures)
    unsure = {"p_holm": 0.06, "simultaneous_low": -0.001, "simultaneous_high": 0.041}
    assert not _another(whole, replace(whole, value=0.019, low=-0.001, high=0.039, **unsure))
    gone = {"value": 0.0, "low": -0.018, "high": 0.018}
    assert _another(whole, replace(whole, **gone | unsure))
    assert _another(replace(whole, **unsure), whole)
    assert not _another(whole, whole)


def test_a_figure_on_few_clean_images_is_told_only_beyond_their_chance(make_entry):
    record, *others = make_entry("vgg", 2.0)  # 72.1 % of 700.
    few = {"n": 100, "accuracy": 0.66, "accuracy_low": 0.56, "accuracy_high": 0.75}
    clean = record.test.model_copy(update=few)
    entry = (record.model_copy(update={"test_clean": clean}), *others)
    assert "twin" not in say(entry, make_entry("convnet", 1.0))
