import numpy as np
import pytest

from harness.evaluate.corrections import bonferroni_confidence, holm


def test_holm_gives_worked_numbers() -> None:
    """By R: p.adjust(c(...), "holm")."""
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.04, 0.001, 0.9, 0.012]) == pytest.approx([0.08, 0.004, 0.9, 0.036])


def test_holm_rejects_what_the_step_down_rule_rejects() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        p_values = random.uniform(0, 0.1, random.integers(1, 12)).tolist()
        rejected = set()
        for step, index in enumerate(np.argsort(p_values)):
            if p_values[index] > 0.05 / (len(p_values) - step):
                break
            rejected.add(index)
        assert {i for i, p in enumerate(holm(p_values)) if p <= 0.05} == rejected


def test_holm_stays_within_1_and_takes_none_or_one() -> None:
    assert holm([]) == ()
    assert holm([0.3]) == (0.3,)
    assert holm([0.6, 0.7]) == (1.0, 1.0)


def test_bonferroni_shares_the_error_among_the_intervals() -> None:
    assert bonferroni_confidence(0.95, 1) == pytest.approx(0.95)
    assert bonferroni_confidence(0.95, 10) == pytest.approx(0.995)
    assert bonferroni_confidence(0.95, 0) == pytest.approx(0.95)
