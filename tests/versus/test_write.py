import re
from dataclasses import replace

from harness.versus.gates import Fall
from harness.versus.judgement import Judgement
from harness.versus.write import Verdicts, as_markdown

ONE = Judgement("net", "accuracy", 0.25, 0.3, "better", "by a test", 0.05, 0.01, 0.09, 0.02)


def test_numbers_keep_their_decimals_in_markdown():
    text = as_markdown(Verdicts("before", "after", (ONE,)))
    assert "| 25.0 " in text
    assert "| 30.0 " in text
    assert "| +5.0 (+1.0 to +9.0) " in text
    assert "- accuracy %: by a test." in text


def test_a_difference_of_nothing_has_no_sign_and_a_loss_a_true_minus():
    none = replace(ONE, difference=-1e-9, low=-0.02, high=0.02)
    assert "| +0.0 (−2.0 to +2.0) " in as_markdown(Verdicts("before", "after", (none,)))


def test_what_users_wrote_is_neither_markdown_nor_html():
    label = "net[mode=a|b] on <b>x</b>"
    verdicts = Verdicts(
        *("<i>one</i>", "two"),
        (replace(ONE, label=label, reason="by <u>a test</u>"),),
        only_first=("*other*",),
        falls=(Fall(label, "--fail-on worse", "it is"),),
    )
    text = as_markdown(verdicts)
    assert re.findall(r"(?<!\\)[<>*[\]_]", text.replace("**Gates not passed**", "")) == []
    [line] = [line for line in text.splitlines() if "accuracy" in line and line.startswith("|")]
    assert len(re.findall(r"(?<!\\)\|", line)) == 7


def test_a_note_names_the_models_that_each_figure_is_of():
    """Not every figure with every model: the latency of one was judged otherwise."""
    names = ("accuracy", "uar")
    judged = [replace(ONE, label=label, metric=m) for label in ("a", "b") for m in names]
    judged[3] = replace(judged[3], reason="by another")
    notes = Verdicts("before", "after", tuple(judged)).notes
    assert notes == ["accuracy %; UAR % of a: by a test.", "UAR % of b: by another."]


def test_a_clean_test_that_is_the_whole_is_not_shown_twice():
    clean = replace(ONE, metric="accuracy_clean", reason="by a test of the clean images")
    verdicts = Verdicts("before", "after", (ONE, clean))
    assert verdicts.shown == [ONE]
    assert verdicts.notes == ["accuracy %: by a test."]
    other = replace(clean, second=0.31)
    assert Verdicts("before", "after", (ONE, other)).shown == [ONE, other]
