import numpy as np
from sklearn.metrics import accuracy_score

from harness.evaluate.assess import assess
from harness.evaluate.calibration import fit_temperature
from harness.schema import RunRecord


def predictions(n=40, classes=3, **suffixes):
    random = np.random.default_rng(0)
    arrays = {}
    for split in ("valid", "test"):
        arrays[f"{split}_labels"] = random.integers(classes, size=n)
        for suffix in ("", *suffixes):
            arrays[f"{split}_probabilities{suffix}"] = random.dirichlet(np.ones(classes), n)
    return arrays


def mask(indices, n=40):
    return {"test_clean": np.isin(np.arange(n), indices)}


def test_valid_and_test_are_assessed_from_their_own_arrays():
    arrays = predictions()
    fields = assess(arrays, "abc")
    assert {name for name, value in fields.items() if value} == {"valid", "test", "calibration"}
    for split in ("valid", "test"):
        metrics = fields[split]
        predicted = arrays[f"{split}_probabilities"].argmax(1)
        assert metrics.accuracy == accuracy_score(arrays[f"{split}_labels"], predicted)


def test_every_figure_of_quality_is_answered_for():
    """A figure that was left out would stay what it was in a record that is judged again."""
    quality = {
        name
        for name, field in RunRecord.model_fields.items()
        if name == "agreement" or "Metrics" in str(field.annotation) or name == "calibration"
    }
    assert set(assess(predictions(), "abc")) == quality - {"train"}


def test_clean_test_is_the_quality_on_the_listed_images_alone():
    arrays, clean = predictions(), np.array([1, 5, 8, 20, 21])
    metrics = assess(arrays | mask(clean), "abc")["test_clean"]
    predicted = arrays["test_probabilities"][clean].argmax(1)
    assert metrics.n == 5
    assert metrics.accuracy == accuracy_score(arrays["test_labels"][clean], predicted)


def test_calibration_is_fitted_on_valid_and_judged_on_test():
    arrays = predictions()
    found = assess(arrays, "abc")
    calibration, test = found["calibration"], found["test"]
    shown = calibration.test
    assert (shown.nll, shown.brier, shown.ece) == (test.nll, test.brier, test.ece)
    assert calibration.temperature == fit_temperature(
        arrays["valid_probabilities"], arrays["valid_labels"]
    )


def test_without_a_clean_image_nothing_is_said_of_them():
    assert assess(predictions() | mask([]), "abc")["test_clean"] is None


def test_augmented_predictions_have_fields_of_their_own():
    arrays, clean = predictions(_tta=True), np.arange(7)
    fields = assess(arrays | mask(clean), "abc")
    assert all(fields[name] for name in ("valid_tta", "test_tta", "test_clean_tta"))
    predicted = arrays["test_probabilities_tta"].argmax(1)
    assert fields["test_tta"].accuracy == accuracy_score(arrays["test_labels"], predicted)
    assert fields["test_clean_tta"].n == 7


def test_agreement_is_judged_where_the_predictions_tell_it():
    arrays = predictions()
    assert assess(arrays, "abc")["agreement"] == ()
    arrays["test_agreement"] = np.where(np.arange(40) < 10, 1.0, 0.4).astype(np.float32)
    bins = assess(arrays, "abc")["agreement"]
    assert [part.n for part in bins] == [30, 0, 0, 10]
    predicted = arrays["test_probabilities"].argmax(1)
    assert bins[3].accuracy == accuracy_score(arrays["test_labels"][:10], predicted[:10])
