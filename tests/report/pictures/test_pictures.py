import re

import numpy as np
import pytest

from harness.report import compare
from harness.report.pictures.confusion import confusion_picture
from harness.report.pictures.draw import draw_all, draw_run
from harness.report.pictures.svg import width_of
from harness.schema import Recipe


@pytest.fixture(scope="module")
def drawn(eight, taken_apart):
    return {picture.name: taken_apart(picture) for picture in draw_all(eight)}


def many_models(make_entry, count, **changes):
    return compare([make_entry(f"net-{i}", 1 + 0.05 * i, 1 + i, **changes) for i in range(count)])


def test_there_is_a_picture_of_all_that_can_be_told(drawn, eight):
    names = [f"confusion-{name}" for name in ("resnet18-strong", "vgg", "vgg-width-16")]
    assert {"accuracy-speed", "recall", "curves", *names} <= drawn.keys()
    assert len([name for name in drawn if name.startswith("confusion-")]) == 6


def test_every_mark_says_its_values_twice_for_readers_and_for_pointers(drawn):
    for picture in drawn.values():
        for panel in range(len(picture.panels)):
            for name, mark in picture.marks(panel).items():
                assert mark.find("title").text == name
                assert mark.get("role") == "img"


def test_the_tradeoff_tells_accuracy_interval_and_rate(drawn, eight):
    group = eight.groups[0]
    low, high = (f"{100 * bound:.1f}" for bound in group.interval)
    names = list(drawn["accuracy-speed"].marks(0))
    assert names[0] == (
        f"{group.label}: {100 * group.accuracy:.1f} % accuracy ({low}–{high} %) "
        "at 2247 images/s in inference"
    )
    assert len(names) == len(eight.groups)


def test_faster_is_to_the_right_and_better_is_above(drawn, eight):
    places = {}
    for group, mark in zip(eight.groups, drawn["accuracy-speed"].marks(0).values(), strict=True):
        sign = next(part for part in mark if part.get("class") == "sign")
        first = sign.get("points", "").partition(" ")[0] or f"{sign.get('cx')},{sign.get('cy')}"
        places[group.label] = [float(number) for number in first.split(",")]
    assert places["linear"][0] > places["vgg"][0] + 10
    assert places["linear"][1] > places["vgg"][1] + 10


def test_several_machines_are_several_pictures(make_record, make_epochs, make_speed):
    entries = []
    for name, machine in (("a", "machine-one"), ("b", "machine-two")):
        record = make_record(name)
        entries.append((record, make_epochs(record), make_speed(record, machine=machine)))
    names = [picture.name for picture in draw_all(compare(entries))]
    assert len([name for name in names if name.startswith("accuracy-speed-machine")]) == 2


@pytest.mark.parametrize("threads", [4, 1])
def test_speeds_of_several_settings_are_said_to_be_so(make_record, make_speed, threads):
    one, two = make_record("a"), make_record("b")
    entries = [(one, [], make_speed(one)), (two, [], make_speed(two, threads=threads))]
    [picture] = [made for made in draw_all(compare(entries)) if made.name == "accuracy-speed"]
    said = "Not all have the same device and number of threads." in picture.note
    assert said == (entries[0][2].threads != threads)


def test_ticks_with_decimals_leave_room_for_the_name_of_their_axis(make_entry):
    comparison = compare(
        [make_entry(name, skill, n=3589) for name, skill in (("a", 1.5), ("b", 1.2))]
    )
    [picture] = [one for one in draw_all(comparison) if one.name == "accuracy-speed"]
    texts = re.findall(
        r'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>([\d.]+ %)<', picture.panels[0]
    )
    assert any("." in text for _, text in texts)
    # The name is turned: its letters reach about 6 pixels to both sides of 14.
    assert min(float(x) - width_of(text) for x, text in texts) > 14 + 6


def test_rates_of_millions_are_ticks_without_a_power_of_ten(make_entry):
    comparison = compare([make_entry("a", factor=200.0), make_entry("b", factor=900.0)])
    [picture] = [one for one in draw_all(comparison) if one.name == "accuracy-speed"]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", "".join(picture.panels))
    assert "1000000" in texts
    assert not any(re.search(r"\de[+-]?\d", text) for text in texts)


def test_without_speeds_there_is_no_tradeoff(make_entry):
    names = [picture.name for picture in draw_all(compare([make_entry(speed=False)]))]
    assert names == [
        "recall",
        "generalisation-gap",
        "time-to-accuracy",
        "curves",
        "confusion-vgg",
        "reliability-vgg",
    ]


def test_a_speed_that_did_not_finish_is_no_point(make_record, make_speed):
    record = make_record()
    speed = make_speed(record, train_step=None, inference={})
    assert "accuracy-speed" not in {p.name for p in draw_all(compare([(record, [], speed)]))}


def test_a_model_that_was_not_trained_has_no_curves(make_entry, drawn):
    alone = compare([make_entry(recipe=Recipe(epochs=0))])
    assert "curves" not in {picture.name for picture in draw_all(alone)}
    assert not any("linear" in name for name in drawn["curves"].marks())


def test_curves_hold_every_seed_and_split_and_ring_the_selected_epoch(drawn, eight):
    marks = drawn["curves"].marks(0)
    trained = [row for row in eight.done if row.epochs]
    assert len(marks) == 2 * len(trained)
    for name, mark in marks.items():
        points = mark.find("polyline").get("points").split()
        assert len(points) == 30
        rings = [c for c in mark.iter("circle") if c.get("class") == "ring"]
        assert len(rings) == ("validation" in name)


def test_many_seeds_are_their_median_in_a_band(make_entry, many_seeds, taken_apart):
    comparison = compare([*many_seeds, make_entry("b", 0.5)])
    curves = next(taken_apart(p) for p in draw_all(comparison) if p.name == "curves")
    marks = curves.marks()
    assert len(marks) == 4
    (name,) = (name for name in marks if name.startswith("a, validation accuracy"))
    last = [row.epochs[-1].valid_accuracy for row in comparison.groups[0].rows]
    low, median, high = np.percentile(last, (10, 50, 90))
    assert name == (
        f"a, validation accuracy, median of 11 seeds: {100 * median:.1f} % at epoch 30, the middle "
        f"80 % {100 * low:.1f} % to {100 * high:.1f} %"
    )
    line, band = (
        np.array([p.split(",") for p in marks[name].find(form).get("points").split()], dtype=float)
        for form in ("polyline", "polygon")
    )
    assert len(line) == 30
    assert np.array_equal(band[:30, 0], line[:, 0])
    assert np.array_equal(band[:29:-1, 0], line[:, 0])
    # Upwards on the page is a smaller number.
    assert (band[:30, 1] >= line[:, 1]).all()
    assert (band[:29:-1, 1] <= line[:, 1]).all()
    assert "Of a model with more than 10 seeds, a line is their median" in curves.picture.note
    assert "A ring is the selected epoch." in curves.picture.note
    (other,) = (name for name in marks if name.startswith("b, validation accuracy: "))
    assert marks[other].find("polygon") is None


def test_where_all_are_bands_no_ring_is_spoken_of(many_seeds, taken_apart):
    (found,) = (p for p in draw_all(compare(many_seeds)) if p.name == "curves")
    assert not any(
        "ring" in circle.get("class")
        for circle in taken_apart(found).panels[0].iter()
        if circle.get("class")
    )
    assert "ring" not in found.note.split()


def test_a_band_says_how_many_seeds_reached_its_end(make_record, make_epochs, taken_apart):
    lengths = [8] * 6 + [4] * 5
    records = [make_record("a", seed=seed) for seed in range(len(lengths))]
    entries = [(r, make_epochs(r, n)) for r, n in zip(records, lengths, strict=True)]
    (found,) = (p for p in draw_all(compare(entries)) if p.name == "curves")
    for name in taken_apart(found).marks():
        assert "median of 11 seeds: " in name
        assert " at epoch 8 (which 6 of them reached), the middle 80 % " in name


def test_a_loss_below_0_is_within_the_frame(make_record, make_epochs, taken_apart):
    record = make_record("a")
    epochs = [e.model_copy(update={"train_loss": -5.0 + e.epoch}) for e in make_epochs(record, 6)]
    (found,) = (p for p in draw_all(compare([(record, epochs)])) if p.name == "curves")
    drawn = taken_apart(found)
    height = float(drawn.panels[1].get("height"))
    (line,) = (m for name, m in drawn.marks(1).items() if "training loss" in name)
    tops = [float(p.split(",")[1]) for p in line.find("polyline").get("points").split()]
    assert 0 < min(tops) < max(tops) < height


def test_few_seeds_need_no_word_of_a_band(many_seeds, taken_apart):
    (found,) = (p for p in draw_all(compare(many_seeds[:10])) if p.name == "curves")
    curves = taken_apart(found)
    assert len(curves.marks()) == 20
    assert "median" not in curves.picture.note


def test_a_single_epoch_is_a_dot(make_entry, taken_apart):
    pictures = draw_all(compare([make_entry(recipe=Recipe(epochs=1))]))
    curves = next(taken_apart(p) for p in pictures if p.name == "curves")
    for mark in curves.marks().values():
        assert [c for c in mark.iter("circle") if c.get("class") == "dot"]


def test_a_confusion_matrix_tells_counts_and_shares(drawn, eight):
    group = eight.groups[0]
    confusion = group.rows[0].record.test.confusion
    marks = drawn["confusion-resnet18-strong"].marks()
    hits, total = confusion[0][0], sum(confusion[0])
    assert len(marks) == 49
    name = f"true angry, recognised: {hits} images, {100 * hits / total:.1f} %"
    share = re.search(r"[\d.]+", marks[name].find("rect").get("style"))
    assert float(share[0]) == pytest.approx(hits / total, abs=0.001)


def test_short_names_of_columns_are_not_printed_over_the_name_of_the_axis(make_entry):
    classes = ("no", "yes", "so")
    [group] = compare([make_entry(classes=classes)]).groups
    [panel] = confusion_picture(group, classes, "vgg").panels
    first = float(re.search(r"rotate\(-45 ([\d.]+) ", panel)[1])
    assert first - width_of("no") > 2 + width_of("predicted →")


def test_letters_of_full_width_have_room(make_entry):
    classes = ("かなしみのひょうじょう", "怒り", "fear")
    [group] = compare([make_entry(classes=classes)]).groups
    [panel] = confusion_picture(group, classes, "vgg").panels
    ends = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>([^<]+)<', panel)
    assert {name for _, name in ends} >= set(classes)
    assert all(float(x) >= 12 * len(name) for x, name in ends if not name.isascii())


@pytest.mark.parametrize(("count", "steps"), [(7, False), (50, True)])
def test_what_shades_mean_is_said_as_they_are_drawn(make_entry, count, steps):
    classes = tuple(f"class {i}" for i in range(count))
    [group] = compare([make_entry(classes=classes, n=3000)]).groups
    note = confusion_picture(group, classes, "vgg").note
    assert "the stronger the colour of a cell, the larger its share of the row" in note
    assert ("in 8 steps" in note) is steps


def test_a_confusion_matrix_is_summed_over_seeds(drawn, eight):
    group = next(group for group in eight.groups if len(group.rows) == 3)
    hits = sum(row.record.test.confusion[0][0] for row in group.rows)
    assert any(
        name.startswith(f"true angry, recognised: {hits} ")
        for name in drawn[f"confusion-{group.label}"].marks()
    )
    assert "sum over 3 seeds" in drawn[f"confusion-{group.label}"].picture.note


def test_recall_has_a_mark_for_each_class_and_model(drawn, eight):
    marks = drawn["recall"].marks()
    assert len(marks) == 7 * len(eight.groups)
    found = eight.groups[0].rows[0].record.test.recall["fear"]
    low, high = 100 * found.low, 100 * found.high
    assert (
        f"fear, resnet18 strong: {100 * found.recall:.1f} % ({low:.1f}–{high:.1f} %), n = {found.n}"
        in marks
    )


def test_a_class_without_images_has_no_mark(make_record, make_metrics, taken_apart):
    record = make_record(test=make_metrics(classes=("a", "b", "c"), absent=("b",)),
                         classes=("a", "b", "c"))  # fmt: skip
    pictures = {p.name: taken_apart(p) for p in draw_all(compare([(record, [], None)]))}
    assert [name.split(",")[0] for name in pictures["recall"].marks()] == ["a", "c"]
    assert "true b, recognised: no images" in pictures["confusion-vgg"].marks()


def test_100_classes_are_rows_that_tell_their_commonest_errors(make_entry, taken_apart):
    classes = tuple(f"class {i}" for i in range(100))
    comparison = compare([make_entry(classes=classes, n=3000)])
    pictures = {p.name: taken_apart(p) for p in draw_all(comparison)}
    marks = pictures["confusion-vgg"].marks()
    assert len(marks) == 100
    line = comparison.done[0].record.test.confusion[0]
    assert any(
        name.startswith(f"true class 0: {line[0]} of {sum(line)} recognised; most often")
        for name in marks
    )
    assert pictures["confusion-vgg"].picture.tall
    assert len(pictures["confusion-vgg"].panels[0].findall("path")) <= 8


def test_a_row_without_images_or_errors_says_so(make_record, make_metrics, taken_apart):
    classes = tuple(f"class {i}" for i in range(21))
    test = make_metrics(60.0, classes=classes, absent=("class 3",))
    record = make_record(classes=classes, test=test)
    pictures = {p.name: taken_apart(p) for p in draw_all(compare([(record, [], None)]))}
    marks = pictures["confusion-vgg"].marks()
    assert "true class 3: no images" in marks
    hits = test.confusion[0][0]
    assert f"true class 0: {hits} of {hits} recognised" in marks


def test_20_models_fit_and_what_is_left_out_is_said(make_entry, taken_apart):
    pictures = {p.name: taken_apart(p) for p in draw_all(many_models(make_entry, 20))}
    assert len(pictures["accuracy-speed"].marks()) == 20
    assert len(pictures["curves"].marks()) == 40
    assert [key.label for key in pictures["curves"].picture.legend if key.off] == ["training"]
    assert "The first 8 of 20 configurations are shown." in pictures["recall"].picture.note
    assert len([name for name in pictures if name.startswith("confusion")]) == 6


def test_one_model_needs_no_legend_of_models(make_entry):
    pictures = {p.name: p for p in draw_all(compare([make_entry()]))}
    assert pictures["accuracy-speed"].legend == pictures["recall"].legend == ()
    assert [key.label for key in pictures["curves"].legend] == ["validation", "training"]


def test_the_only_model_of_several_that_is_drawn_is_named(make_entry):
    drawn_one = make_entry("a", fall=0.05)
    built = make_entry("b", speed=False, recipe=Recipe(epochs=0))
    pictures = {p.name: p for p in draw_all(compare([drawn_one, built]))}
    for name in ("accuracy-speed", "curves", "time-to-accuracy", "robustness"):
        assert pictures[name].legend[-1].label == "a", name


def test_the_legend_names_what_marks_carry(drawn):
    for picture in drawn.values():
        carried = {
            word
            for mark in picture.marks().values()
            for word in mark.get("data-series", "").split()
        }
        assert {key.series for key in picture.picture.legend} <= carried


def test_without_a_result_there_is_no_picture(make_entry):
    comparison = compare([make_entry(status="failed")])
    assert draw_all(comparison) == draw_run(comparison, comparison.rows[0]) == ()


def test_a_run_keeps_the_colour_that_its_model_has(eight, taken_apart):
    row = next(row for row in eight.rows if row.label == "convnet")
    index = eight.groups.index(eight.group_of(row))
    pictures = {p.name: taken_apart(p) for p in draw_run(eight, row)}
    assert list(pictures) == ["curves", "confusion-run", "reliability-run", "recall"]
    assert all(f"s{index}" in m.get("class") for m in pictures["recall"].marks().values())


@pytest.mark.parametrize("classes", [("cat", "dog"), tuple(f"c{i}" for i in range(21))])
def test_texts_stay_within_the_picture(make_entry, classes, taken_apart):
    comparison = compare([make_entry(classes=classes, recipe=Recipe(epochs=2))])
    for picture in map(taken_apart, draw_all(comparison)):
        for panel in picture.panels:
            _, _, width, height = map(float, panel.get("viewBox").split())
            for text in panel.iter("text"):
                assert 0 <= float(text.get("x")) <= width
                assert 0 <= float(text.get("y")) <= height
