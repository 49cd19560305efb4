from harness.report import compare
from harness.report.card import protocol_card
from harness.schema import AuditCard, Protocol, Recipe


def card(*entries):
    return {fact.name: fact for fact in protocol_card(compare(entries))}


def test_the_card_says_what_was_fixed(make_entry):
    facts = card(make_entry("vgg", seed=3))
    expected = {
        "data set": "fer2013 (fingerprint ab12cd34)",
        "synthetic": "no",
        "splits": "train 28709, valid 3589, test 3589 images",
        "images": "48×48, 1 channel",
        "classes": "7: angry, disgust, fear, happy, sad, surprise, neutral",
        "selection": "epoch with the highest valid accuracy (the first of equals)",
        "normalisation": "mean and standard deviation of the training images",
        "test split": "read once, with the selected weights",
        "test-time augmentation": "none",
        "pretraining": "none declared by the plugin",
        "training": "SGD, learning rate 0.02 (exponential), batches of 128",
        "epochs": "30",
        "seeds": "3",
        "precision": "float32",
        "device": "cpu",
        "threads": "4",
        "machine": "3f2a9c11: Intel Xeon Gold 6342, 4 cores, 16.0 GB memory, no GPU, Linux 6.1",
        "torch": "2.6.0",
        "python": "3.11.9",
        "harness": "0.1.0",
    }
    assert {name: fact.text for name, fact in facts.items()} == expected
    assert not any(fact.differs for fact in facts.values())


def test_where_rows_differ_all_values_stand_with_the_configurations_that_have_them(make_entry):
    facts = card(
        make_entry("a"), make_entry("b", precision="bfloat16"), make_entry("c", precision="float32")
    )
    text = "bfloat16 [b]; float32 [a, c] — the rows differ"
    assert (facts["precision"].text, facts["precision"].differs) == (text, True)


def test_of_many_configurations_or_a_part_of_one_the_runs_are_counted(make_entry, make_environment):
    many = card(make_entry("z", threads=1), *(make_entry(name) for name in "abcde"))
    assert many["threads"].values == ("1 [z]", "4 [5 runs]")
    other = make_environment("beefbeef00")
    seeds = (make_entry("a"), make_entry("a", seed=1, environment=other), make_entry("b"))
    assert [v.partition("[")[2] for v in card(*seeds)["trained on"].values] == ["2 runs]", "1 run]"]


def test_seeds_are_said_of_each_configuration_where_they_differ(make_entry):
    facts = card(*(make_entry("a", seed=seed) for seed in (0, 1, 10)), make_entry("b"))
    assert facts["seeds"].text == "0 [b]; 0, 1, 10 [a] — the rows differ"
    alike = card(*(make_entry(name, seed=seed) for name in "ab" for seed in (2, 1)))
    assert alike["seeds"].text == "1, 2"


def test_how_each_configuration_was_trained_stands_in_the_card(make_entry):
    strong = Recipe(epochs=30, optimizer="Muon", learning_rate=0.004, schedule="linear")
    facts = card(
        make_entry("a"), make_entry("b", recipe=strong), make_entry("c", recipe=Recipe(epochs=0))
    )
    assert facts["training"].values == (
        "Muon, learning rate 0.004 (linear), batches of 128 [b]",
        "SGD, learning rate 0.02 (exponential), batches of 128 [a]",
        "none: as built [c]",
    )
    own = card(make_entry("a", own_optimizer=True))["training"].text
    assert own == "its own optimizer (exponential), batches of 128"


def test_many_values_are_counted(make_entry):
    rates = (make_entry("a", recipe=Recipe(learning_rate=rate / 100)) for rate in range(1, 14))
    fact = card(*rates)["training"]
    assert fact.text == "13 different ones, each on its run's page — the rows differ"


def test_declared_pretraining_stands_in_the_card(make_entry):
    facts = card(make_entry("a", protocol=Protocol(pretrained="ImageNet-1k")), make_entry("b"))
    assert "ImageNet-1k [a]" in facts["pretraining"].values


def test_runs_without_a_result_do_not_make_rows_differ(make_entry):
    facts = card(make_entry("a"), make_entry("b", status="failed", recipe=Recipe(epochs=5)))
    assert facts["epochs"].values == ("30",)


def test_if_nothing_finished_the_card_is_about_what_was_tried(make_entry):
    facts = card(make_entry("b", status="failed", recipe=Recipe(epochs=5)))
    assert facts["epochs"].values == ("5",)
    assert "machine" not in facts
    assert "torch" not in facts


def test_synthetic_data_and_colour_are_said(make_entry, make_dataset):
    dataset = make_dataset(synthetic=True).model_copy(update={"input_shape": (3, 32, 64)})
    facts = card(make_entry("a", dataset=dataset))
    assert facts["synthetic"].text.startswith("yes")
    assert facts["images"].text == "32×64, 3 channels"  # Height first, as everywhere.


def test_warnings_of_the_data_stand_in_the_card_each_once(make_entry, make_dataset):
    warned = make_dataset().model_copy(update={"warnings": ("not the official splits",)})
    facts = card(make_entry("a", dataset=warned), make_entry("b", dataset=warned))
    assert facts["warnings of the data"].values == ("not the official splits",)
    assert "warnings of the data" not in card(make_entry("a"))


def test_near_twins_that_nobody_could_tell_are_not_counted_as_none(make_entry):
    fact = card(make_entry("a", audit=audited(near=None)))["twins in train"]
    assert "288 of 3589 test images" in fact.text
    assert "288 exact, near ones are not told" in fact.text


def test_a_machine_that_only_timed_is_told_from_the_one_that_trained(
    make_record, make_speed, make_environment
):
    gpu = make_environment("beefbeef00", gpu="NVIDIA H100", cores=1)
    record = make_record("vgg")
    facts = card((record, [], make_speed(record, environment=gpu)))
    assert facts["trained on"].text.startswith("3f2a9c11: Intel")
    assert facts["timed on"].text == (
        "beefbeef: Intel Xeon Gold 6342, 1 core, 16.0 GB memory, NVIDIA H100, Linux 6.1"
    )
    assert "machine" not in facts


def test_rows_trained_and_timed_crosswise_are_told_from_those_of_one_machine(
    make_entry, make_record, make_speed, make_environment
):
    other = make_environment("beefbeef00")
    entries = []
    for model, here, there in (("a", None, other), ("b", other, None)):
        record = make_record(model, environment=here or make_environment())
        speed = make_speed(record, environment=there or make_environment())
        entries.append((record, [], speed))
    facts = card(*entries)
    assert "machine" not in facts
    assert [value[:8] for value in facts["timed on"].values] == ["3f2a9c11", "beefbeef"]


def test_rows_that_nobody_timed_leave_one_machine(make_entry):
    facts = card(make_entry("a", speed=False), make_entry("b"))
    assert facts["machine"].differs is False


def audited(exact=288, near=12, version=1):
    clean = 3589 - exact - (near or 0)
    return AuditCard(version=version, clean_sha256="ab", clean=clean, exact=exact, near=near)


def test_the_share_of_test_images_with_a_twin_in_train_stands_in_the_card(make_entry):
    fact = card(make_entry("a", audit=audited()))["twins in train"]
    assert fact.text == (
        "300 of 3589 test images (8.4 %) have a twin in train: 288 exact, 12 near; without them "
        "the clean test has 3289 (audit version 1)"
    )


def test_without_an_audit_the_card_is_silent_about_twins(make_entry):
    assert "twins in train" not in card(make_entry("a"))


def test_rows_by_several_audits_differ(make_entry):
    entries = (make_entry(str(v), audit=audited(near=v, version=v)) for v in (1, 2))
    assert card(*entries)["twins in train"].differs
