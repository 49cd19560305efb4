from harness.report import compare
from harness.report.sentence import headline


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
    assert "a is ahead of 3 configurations" in text
    assert "b follows" in text
    assert " c " not in text


def test_a_single_model_is_said_to_be_alone(make_entry):
    text = say(make_entry("vgg", 2.0))
    assert "vgg gets 72.1 % (95 % interval 68.7–75.3 %) of 700 test images right" in text
    assert "nothing to compare" in text
    assert "cost" not in text


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


def test_synthetic_data_is_said(make_entry, make_dataset):
    assert say(make_entry(dataset=make_dataset(synthetic=True))).startswith("On synthetic data")


def test_speeds_of_two_machines_are_not_put_against_each_other(make_record, make_speed):
    one, two = make_record("a", 2.0), make_record("b", 1.0)
    text = say((one, [], make_speed(one)), (two, [], make_speed(two, machine="other")))
    assert "parameters" in text
    assert "images/s" not in text
    assert text.endswith("Their speeds are of different machines and are not compared.")


def test_what_was_not_measured_is_not_said(make_record, make_speed):
    one, two = make_record("a", 2.0, cost=None), make_record("b", 1.0)
    assert "cost" not in say((one, [], None), (two, [], None))
    bare = {"train_step": None, "inference": {}, "latency_ms": {}}
    text = say((one, [], make_speed(one, **bare)), (two, [], make_speed(two)))
    assert "cost" not in text
