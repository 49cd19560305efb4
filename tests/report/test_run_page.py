import numpy as np
import pytest

from harness.evaluate.metrics import evaluate
from harness.report import compare, write_report
from harness.report.card import protocol_card
from harness.report.evidence import Evidence
from harness.report.html import render_run
from harness.report.run_page import compose_run, run_paths
from harness.schema import PluginCard, Recipe


@pytest.fixture
def page(make_entry):
    """Compose the page of the only run of a comparison."""

    def make(evidence=None, **changes):
        comparison = compare([make_entry(**changes)])
        return compose_run(comparison, comparison.rows[0], evidence or Evidence(), "now")

    return make


def test_the_headline_says_how_good_and_which_epoch(page):
    made = page(n=700)
    assert made.headline.startswith("Seed 0 gets ")
    assert "of 700 test images right, with the weights of epoch 24 of 30" in made.headline


def test_a_model_that_was_not_trained_is_said_to_be_as_built(page):
    assert "evaluated as built" in page(recipe=Recipe(epochs=0)).headline


def test_a_run_without_a_result_says_why_and_shows_its_log(page):
    made = page(Evidence(log="the end"), status="timeout", reason="took longer than 10 min")
    assert made.headline == "timeout: took longer than 10 min"
    assert made.views == made.pictures == ()
    assert "the end" in render_run(made)
    assert page(status="failed").headline == "failed: no reason was recorded"


def facts(page, heading):
    found = next(card for name, card in page.cards if name.startswith(heading))
    return {fact.name: (fact.text, fact.differs) for fact in found}


def test_every_field_of_the_recipe_is_there_and_what_the_user_set_is_marked(page):
    made = page(overrides={"epochs": 30})
    found = facts(made, "Recipe (default)")
    assert len(found) == len(Recipe.model_fields)
    assert [name for name, (_, set_by_user) in found.items() if set_by_user] == ["epochs"]
    assert found["nesterov"] == ("no", False)
    assert found["augment"] == ("flip,shift=0.1", False)
    assert found["teachers"] == ("–", False)  # An empty cell would look like a fault.
    text = render_run(made)
    assert text.count("set by the user") == 1
    assert "the rows differ" not in text


def test_a_first_look_is_called_one_and_no_choice_of_the_user(page, make_entry):
    made = page(overrides={"epochs": 4}, quick=True)
    assert not any(set_by_user for _, set_by_user in facts(made, "Recipe (default)").values())
    card = protocol_card(compare([make_entry(quick=True)]))
    [epochs] = [fact for fact in card if fact.name == "epochs"]
    assert epochs.values[0].endswith(", a first look (--quick): no result of the recipe")


def test_arguments_setting_and_environment_are_there(page):
    plugin = PluginCard(name="my-net", source="my_net.py", version="1.2", sha256="ab" * 32)
    made = page(arguments={"width": 16}, plugin=plugin)
    assert "width" in facts(made, "Arguments")
    assert facts(made, "Setting")["plugin"] == ("my-net 1.2", False)
    assert facts(made, "Setting")["plugin's source"][0] == "my_net.py (SHA-256 abababababab)"
    assert facts(made, "Environment")["memory"] == ("16.0 GB", False)
    assert "test-time augmentation" in facts(made, "Protocol")


def test_what_is_not_there_is_no_card(page):
    headings = [heading for heading, _ in page(status="failed").cards]
    assert headings == ["Recipe (default)", "Protocol", "Setting"]


def test_synthetic_data_has_its_banner(page, make_dataset):
    assert "Synthetic data" in page(dataset=make_dataset(synthetic=True)).warning


def test_pages_are_named_by_seed_key_and_model_and_all_differ(eight, make_entry):
    paths = run_paths(eight)
    assert len(set(paths.values())) == len(eight.rows)
    for row in eight.rows:
        record = row.record
        assert paths[row.label] == f"runs/{record.seed}-{record.key[:12]}-{record.model}.html"
    twice = compare([make_entry(), make_entry()])
    assert len(set(run_paths(twice).values())) == 2


def test_a_report_shows_what_runs_left(make_entry, tmp_path):
    pets, labels = ("cat", "dog"), np.array([1, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    quality = evaluate(probabilities, labels, pets)
    comparison = compare([make_entry(classes=pets, test=quality)])
    left = Evidence(
        probabilities,
        labels,
        np.zeros((3, 4, 4), np.uint8),
        "a <log>",
    )
    write_report(comparison, tmp_path, generated_at="now", evidence=lambda record: left)
    (path,) = (tmp_path / "runs").iterdir()
    text = path.read_text()
    assert "Worst mistakes" in text
    assert "data:image/png;base64," in text
    assert "a &lt;log&gt;" in text
    assert 'href="../index.html"' in text
    assert f'href="runs/{path.name}"' in (tmp_path / "index.html").read_text()


def test_a_page_of_records_alone_has_no_mistakes_and_no_log(page):
    text = render_run(page())
    assert "Worst mistakes" not in text
    assert "End of its log" not in text
    assert "Confusion matrix" in text
