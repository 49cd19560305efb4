from harness.versus.judgement import Judgement
from harness.versus.write import Verdicts, as_markdown

ONE = Judgement("net", "accuracy", 0.25, 0.3, "better", "by a test", 0.05, 0.01, 0.09, 0.02)


def test_numbers_keep_their_decimals_in_markdown():
    text = as_markdown(Verdicts("before", "after", (ONE,)))
    assert "| 25.0 " in text
    assert "| 30.0 " in text
    assert "| +5.0 (+1.0 to +9.0) " in text
    assert "- accuracy %: by a test." in text
