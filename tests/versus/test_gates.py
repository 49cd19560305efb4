import pytest

from harness.errors import RequestError
from harness.versus.gates import Gates, check, parse_limit
from harness.versus.judgement import Judgement


def judgement(metric="accuracy", first=0.7, second=0.65, verdict="worse", label="net"):
    return Judgement(label, metric, first, second, verdict, "by a test")


def fallen(gates, *judgements, missing=(), new=None, unjudged=()):
    return check(gates, judgements or [judgement()], missing, new or {}, unjudged)


def bound(words, option="--min"):
    return Gates(bounds=(parse_limit(option, words),))


def drop(words):
    return Gates(max_drop=(parse_limit("--max-drop", words),))


def test_without_a_gate_nothing_falls():
    assert fallen(Gates(), missing=["gone"]) == []


def test_a_verdict_that_is_named_falls_and_others_do_not():
    gates = Gates(fail_on=("worse",))
    [fall] = fallen(gates)
    assert "accuracy is worse: by a test" in fall.text
    assert fallen(gates, judgement(verdict="inconclusive")) == []


def test_not_comparable_as_a_gate_counts_as_not_judged():
    [fall] = fallen(Gates(fail_on=("not comparable",)), judgement(verdict="not comparable"))
    assert not fall.judged


@pytest.mark.parametrize("verdict", ["worse", "inconclusive"])
def test_quality_that_cannot_be_judged_passes_no_verdict_and_speed_does(verdict):
    gates = Gates(fail_on=(verdict,))
    [fall] = fallen(gates, judgement(verdict="not comparable"))
    assert (fall.gate, fall.judged) == (f"--fail-on {verdict}", False)
    assert fall.text == "accuracy is not comparable: by a test"
    assert fallen(gates, judgement("train_images_per_second", verdict="not comparable")) == []


def test_a_minimum_is_reached_at_its_value_and_missed_below():
    assert fallen(bound("accuracy=0.65")) == []
    [fall] = fallen(bound("accuracy=0.66"))
    assert fall.text == "accuracy is 0.65"


def test_a_maximum_is_for_what_is_good_when_low():
    slow = judgement("latency_p50_ms", 2.0, 3.0)
    assert fallen(bound("latency_p50_ms=3", "--max"), slow) == []
    assert len(fallen(bound("latency_p50_ms=2.9", "--max"), slow)) == 1


def test_a_drop_is_absolute_or_a_share_of_the_first_value():
    assert fallen(drop("accuracy=0.06")) == []
    assert len(fallen(drop("accuracy=0.04"))) == 1
    assert fallen(drop("accuracy=8%")) == []
    assert "fell by 7.143%" in fallen(drop("accuracy=7%"))[0].text


def test_what_is_exactly_at_the_limit_passes_whatever_floating_point_makes_of_it():
    thirds = judgement(second=sum([0.7] * 3) / 3)
    assert 0.7 - 0.69 > 0.01
    assert sum([0.7] * 3) / 3 < 0.7
    assert fallen(drop("accuracy=0.01"), judgement(second=0.69)) == []
    assert fallen(drop("accuracy=5%"), judgement(first=0.8, second=0.76)) == []
    assert fallen(bound("accuracy=0.7"), thirds) == []
    slow = judgement("latency_p50_ms", 1.0, 0.1 + 0.2)
    assert fallen(bound("latency_p50_ms=0.3", "--max"), slow) == []
    for words, one in (("0.0099", 0.69), ("0.01", 0.68999)):
        assert len(fallen(drop(f"accuracy={words}"), judgement(second=one))) == 1
    assert len(fallen(bound("accuracy=0.7"), judgement(second=0.69999))) == 1


def test_of_nothing_there_is_no_share():
    assert fallen(drop("uar=5%"), judgement("uar", 0.0, 0.1)) == []
    assert fallen(drop("uar=5%"), judgement("uar", 0.0, 0.0)) == []
    risen = judgement("latency_p50_ms", 0.0, 1.0)
    [fall] = fallen(drop("latency_p50_ms=5%"), risen)
    assert fall.text == "latency_p50_ms rose (0 to 1)"


def test_a_latency_drops_by_rising():
    slow = judgement("latency_p50_ms", 2.0, 3.0)
    [fall] = fallen(drop("latency_p50_ms=40%"), slow)
    assert fall.text == "latency_p50_ms rose by 50% (2 to 3)"
    assert fallen(drop("latency_p50_ms=50%"), slow) == []


def test_a_drop_that_cannot_be_compared_is_not_passed():
    [fall] = fallen(drop("accuracy=0.9"), judgement(verdict="not comparable"))
    assert not fall.judged


def test_a_figure_that_is_not_known_is_not_passed():
    gates = bound("train_images_per_second=10")
    [fall] = fallen(gates, judgement("train_images_per_second", 5.0, None, "not comparable"))
    assert (fall.judged, fall.text) == (False, "train_images_per_second is not known")
    [fall] = fallen(gates)
    assert (fall.label, fall.judged) == ("net", False)
    assert fall.text == "train_images_per_second is not known"


def test_a_figure_that_one_configuration_lacks_is_not_passed_by_it():
    gates = bound("latency_p50_ms=3", "--max")
    timed = judgement("latency_p50_ms", 2.0, 2.0, "inconclusive")
    falls = fallen(gates, timed, judgement(label="other"), judgement())
    assert [(fall.label, fall.judged) for fall in falls] == [("other", False)]


def test_what_compares_two_sides_does_not_pass_over_a_first_side_without_a_result():
    same = judgement(second=0.7, verdict="inconclusive")
    for gates in (Gates(fail_on=("worse",)), drop("accuracy=0.5")):
        [fall] = fallen(gates, same, unjudged=["lost"])
        assert (fall.label, fall.judged) == ("lost", False)
    assert fallen(bound("accuracy=0.5"), same, unjudged=["lost"]) == []


def test_bounds_hold_for_what_is_new_and_verdicts_and_drops_do_not():
    new = {"good": {"accuracy": 0.7}, "bad": {"accuracy": 0.2}, "odd": {"accuracy": None}}
    falls = fallen(bound("accuracy=0.6"), new=new)
    assert [(fall.label, fall.text, fall.judged) for fall in falls] == [
        ("bad", "accuracy is 0.2", True),
        ("odd", "accuracy is not known", False),
    ]
    assert fallen(drop("accuracy=0.06"), new=new) == []
    assert fallen(Gates(fail_on=("not comparable",)), new=new) == []


def test_a_configuration_that_the_second_side_lacks_is_not_passed():
    [fall] = fallen(bound("accuracy=0.1"), missing=["gone"])
    assert (fall.label, fall.judged) == ("gone", False)


@pytest.mark.parametrize(
    ("option", "words", "message"),
    [
        ("--min", "acuracy=0.7", "did you mean 'accuracy'"),
        ("--min", "accuracy", "expected METRIC=NUMBER"),
        ("--min", "accuracy=high", "expected METRIC=NUMBER"),
        ("--min", "accuracy=70", "is a fraction 0–1, like 0.7"),
        ("--min", "accuracy=70%", "a percentage is of nothing here"),
        ("--min", "latency_p50_ms=3", "latency_p50_ms has a --max"),
        ("--max", "accuracy=0.7", "accuracy has a --min"),
    ],
)
def test_a_limit_that_means_nothing_is_one_sentence(option, words, message):
    with pytest.raises(RequestError, match=message):
        parse_limit(option, words)


@pytest.mark.parametrize(
    ("value", "limit", "text"),
    [
        (0.69996, "accuracy=0.7", "accuracy is 0.69996"),
        (0.6512345, "accuracy=0.7", "accuracy is 0.6512"),
        (35240.4, "inference_images_per_second=40000", "inference_images_per_second is 35240"),
    ],
)
def test_a_value_has_as_many_digits_as_tell_it_from_the_limit(value, limit, text):
    metric = limit.partition("=")[0]
    [fall] = fallen(bound(limit), judgement(metric, 0.7, value))
    assert fall.text == text


def test_a_drop_of_large_rates_is_told_in_whole_numbers():
    one = judgement("train_images_per_second", 12345.6, 11734.2)
    [fall] = fallen(drop("train_images_per_second=1%"), one)
    assert fall.text.endswith("fell by 4.952% (12346 to 11734)")


def test_a_drop_of_what_some_seeds_lack_says_so():
    [fall] = fallen(drop("accuracy_clean=0.5"), judgement("accuracy_clean", None, 0.7, "better"))
    assert (fall.text, fall.judged) == ("accuracy_clean is not known of all runs", False)


def test_a_clean_test_that_cannot_be_compared_passes_the_gate_on_quality():
    """As speeds do: a baseline from before the audit says nothing of it."""
    clean = judgement("accuracy_clean", None, 0.7, "not comparable")
    judged = (judgement(verdict="better"), clean)
    assert fallen(Gates(fail_on=("worse",)), *judged) == []
    assert len(fallen(Gates(fail_on=("not comparable",)), *judged)) == 1
    assert len(fallen(drop("accuracy_clean=0.5"), *judged)) == 1


def test_a_clean_test_that_is_the_whole_one_falls_once():
    twice = (judgement(), judgement("accuracy_clean"))
    assert [fall.text for fall in fallen(Gates(fail_on=("worse",)), *twice)] == [
        "accuracy is worse: by a test"
    ]
