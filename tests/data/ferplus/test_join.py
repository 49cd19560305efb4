from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from harness.data.ferplus.table import CLASSES
from harness.data.prepare import prepare
from harness.data.splits import open_splits
from harness.errors import DataError, RequestError

SPLITS = ("train", "valid", "test")


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def refusal(source, out, votes, **options) -> str:
    with pytest.raises((DataError, RequestError)) as caught:
        prepare(source, out, votes=votes, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert not out.exists()
    return message


def kinds(count) -> np.ndarray:
    """Which of the ten kinds of votes a row has: see the fixture."""
    return np.arange(count) % 10


@pytest.mark.parametrize("form", ["npy", "npz", "csv", "zip"])
def test_votes_are_joined_row_by_row(source, write_csv, pack, votes, write_votes, out, form):
    if form == "npz":
        whole = {path.stem: np.load(path) for path in source.iterdir()}
        np.savez(source.parent / "all.npz", **whole)
    sources = {"npz": source.parent / "all.npz", "npy": source}
    given = sources.get(form) or (write_csv() if form == "csv" else pack(source, "zip"))
    prepare(given, out, votes=write_votes(votes))
    splits = open_splits(out)
    for split in SPLITS:
        assert np.array_equal(getattr(splits, split).votes, votes[split])
    assert splits.vote_names == (*CLASSES, "unknown", "NF")
    assert splits.warnings == ()


def test_the_manifest_says_whose_the_votes_are_and_how_often_labels_agree(
    source, votes, write_votes, out
):
    manifest = prepare(source, out, votes=write_votes(votes))
    assert manifest.votes.source.name == "fer2013new.csv"
    assert sorted(manifest.votes.sha256) == ["test_votes.npy", "train_votes.npy", "valid_votes.npy"]
    assert manifest.notes == (
        "votes of fer2013new.csv were joined by row; where they have a majority, the label agrees "
        "with it on 100.0 % of train, 100.0 % of valid, 100.0 % of test",
    )


def test_labels_and_fingerprint_stay_as_without_votes(source, votes, write_votes, out, tmp_path):
    prepare(source, out, votes=write_votes(votes))
    prepare(source, tmp_path / "plain")
    one, other = open_splits(out), open_splits(tmp_path / "plain")
    assert one.fingerprint == other.fingerprint
    assert one.card().votes_sha256 is not None
    assert (other.card().votes_sha256, other.train.votes, other.vote_names) == (None, None, ())


@pytest.mark.parametrize("split", SPLITS)
def test_votes_in_another_order_are_refused_in_each_split(source, votes, write_votes, out, split):
    votes[split] = np.random.default_rng(1).permutation(votes[split])
    message = refusal(source, out, write_votes(votes))
    assert "official: labels agree with the majority of fer2013new.csv on 1" in message
    assert f" % of the {split} images, expected 60.0 % at least" in message


def test_half_a_split_in_another_order_is_refused(source, votes, write_votes, out):
    votes["train"][14_000:] = np.random.default_rng(1).permutation(votes["train"][14_000:])
    assert "so the rows are in another order; give fer2013.csv" in refusal(
        source, out, write_votes(votes)
    )


@pytest.mark.parametrize(("split", "first"), [("train", 20_000), ("test", 3_250)])
def test_a_few_rows_in_another_order_are_refused_with_their_place(
    source, votes, write_votes, out, split, first
):
    part = votes[split][first : first + 250]
    part[:] = np.random.default_rng(1).permutation(part)
    message = refusal(source, out, write_votes(votes))
    assert f" % of the {split} images {first} to {first + 249} (counted from 0), exp" in message
    assert "45.0 % at least in each 250, so some rows are in another order; give" in message


def test_a_few_labels_that_differ_are_no_other_order(source, votes, write_votes, out, labels):
    swapped = labels["valid"].copy()
    happy, sad = (np.flatnonzero(swapped == label)[:300] for label in (3, 4))
    swapped[happy], swapped[sad] = 4, 3
    np.save(source / "valid_labels.npy", swapped)
    judged = kinds(len(swapped)) < 7
    share = (swapped == labels["valid"])[judged].mean()
    note = prepare(source, out, votes=write_votes(votes)).notes[0]
    assert 0.8 < share < 0.9
    assert f"100.0 % of train, {100 * share:.1f} % of valid, 100.0 % of test" in note


def test_a_row_too_many_is_refused_with_the_count(source, votes, write_votes, out, labels):
    np.save(source / "test_labels.npy", np.append(labels["test"], 3))
    np.save(source / "test_images.npy", np.zeros((3590, 1, 1), np.uint8))
    message = refusal(source, out, write_votes(votes))
    assert (
        "official is not the official FER-2013, for whose rows FER+ has votes: test has 3590"
        in (message)
    )
    assert message.endswith("give fer2013.csv, or the six npy files in its order, unchanged")


def test_other_classes_are_refused(source, votes, write_votes, out):
    (source / "classes.txt").write_text("a\nb\nc\nd\ne\nf\ng\n")
    assert "official has the classes a, b, c, d, e, f, g, expected FER-2013's" in refusal(
        source, out, write_votes(votes)
    )


@pytest.mark.parametrize("order", [("test", "valid", "train"), ("train", "test", "valid")])
def test_rows_in_another_order_of_usages_are_refused(write_csv, votes, write_votes, out, order):
    message = refusal(write_csv("icml_face_data.csv", order), out, write_votes(votes))
    assert "icml_face_data.csv has its rows in another order than fer2013.csv" in message
    assert message.endswith("give fer2013.csv, or the six npy files in its order")


def test_usages_that_are_mixed_within_a_block_are_noticed(csv, read):
    rows = ["0,1,Training", "0,2,Training", "0,3,PublicTest", "0,4,PrivateTest"]
    assert read(csv(*rows)).in_order
    for order in ((0, 2, 1, 3), (0, 1, 3, 2), (3, 2, 1, 0)):
        assert not read(csv(*(rows[row] for row in order))).in_order


def test_usages_that_are_mixed_across_blocks_are_noticed(csv, read, monkeypatch):
    monkeypatch.setattr("harness.data.formats.csv_rows.BLOCK", 1)
    rows = ["0,1,Training", "0,2,Training", "0,3,PublicTest", "0,4,PrivateTest"]
    assert read(csv(*rows)).in_order
    for order in ((0, 2, 1, 3), (0, 1, 3, 2), (3, 2, 1, 0)):
        assert not read(csv(*(rows[row] for row in order))).in_order


def test_forms_that_keep_no_order_are_refused_before_they_are_read(
    tmp_path, votes, write_votes, out
):
    table = write_votes(votes)
    (tmp_path / "folder" / "train" / "happy").mkdir(parents=True)
    Image.new("L", (2, 3)).save(tmp_path / "folder" / "train" / "happy" / "1.png")
    challenge = tmp_path / "train.csv"
    challenge.write_text("emotion,pixels\n0,no pixels\n")
    hub = tmp_path / "train.parquet"
    hub.touch()
    for source, form in (
        (tmp_path / "folder", "image files in a folder for each class"),
        (challenge, "the challenge's train.csv"),
        (hub, "Parquet files of a model hub"),
    ):
        message = refusal(source, out, table)
        assert f"and {source.name}, read as {form}" in message
        assert "does not keep that order; give fer2013.csv" in message


def test_a_mistake_in_the_votes_is_found_before_the_source_is_read(tmp_path, out):
    (tmp_path / "fer2013.csv").write_text("no csv")
    assert "new.csv (No such file" in refusal(tmp_path / "fer2013.csv", out, tmp_path / "new.csv")


def test_majorities_need_votes(source, out):
    assert "--labels ferplus needs the votes; give --ferplus" in refusal(
        source, out, None, relabel=True
    )


def test_majorities_become_labels_and_images_without_one_are_left_out(
    source, votes, write_votes, out, labels
):
    manifest = prepare(source, out, votes=write_votes(votes), relabel=True)
    splits = open_splits(out)
    assert splits.classes == CLASSES
    for split in SPLITS:
        part, kept = getattr(splits, split), kinds(len(labels[split])) < 7
        images = np.load(source / f"{split}_images.npy")
        assert np.array_equal(part.images, images[kept])
        assert np.array_equal(part.votes, votes[split][kept])
        assert np.array_equal(part.labels, votes[split][kept].argmax(1))
    assert manifest.notes[3] == (
        "test: labels are the votes' majorities on 2513 of 3589 images; left out are 1076 (359 "
        "without a majority, 359 unknown, 358 no face)"
    )
    assert manifest.source.form == "arrays with FER+ labels"


def test_real_labels_and_counts_are_those_that_pandas_finds(fer2013, out):
    manifest = prepare(fer2013, out, votes=fer2013 / "fer2013new.csv", relabel=True)
    frame = pd.read_csv(fer2013 / "fer2013new.csv").drop(columns="Image name")
    counts = frame.set_index("Usage").where(lambda votes: votes > 1, 0)
    top = counts.idxmax(axis=1).where(counts.max(axis=1) > counts.sum(axis=1) / 2, "nobody")
    splits = open_splits(out)
    for split, usage in (("train", "Training"), ("valid", "PublicTest"), ("test", "PrivateTest")):
        of_split = top.loc[usage].to_numpy()
        kept = np.isin(of_split, CLASSES)
        part = getattr(splits, split)
        assert [CLASSES[label] for label in part.labels] == of_split[kept].tolist()
        images = np.load(fer2013 / f"{split}_images.npy", mmap_mode="r")
        assert np.array_equal(part.images, images[kept])
        out_of_it = pd.Series(of_split[~kept]).value_counts()
        expected = (
            f"left out are {(~kept).sum()} ({out_of_it['nobody']} without a majority, "
            f"{out_of_it['unknown']} unknown, {out_of_it['NF']} no face)"
        )
        [note] = [note for note in manifest.notes if note.startswith(f"{split}:")]
        assert expected in note
    assert manifest.counts == {"train": 25_060, "valid": 3_199, "test": 3_153}


def test_the_real_order_agrees_far_more_often_than_the_threshold(fer2013, out):
    note = prepare(fer2013, out, votes=fer2013 / "fer2013new.csv").notes[0]
    assert "on 67.7 % of train, 66.8 % of valid, 67.0 % of test" in note
    names = pd.read_csv(fer2013 / "fer2013new.csv").columns[2:10]
    assert tuple(names) == CLASSES


def test_real_votes_by_the_number_in_the_images_name_are_refused(fer2013, out, tmp_path):
    # The mistake that the order of rows guards against: rows sorted by FER+'s names of images.
    frame = pd.read_csv(fer2013 / "fer2013new.csv")
    moved = frame.groupby("Usage", sort=False).sample(frac=1, random_state=0)
    assert moved["Usage"].tolist() == frame["Usage"].tolist()
    moved.to_csv(tmp_path / "moved.csv", index=False)
    message = refusal(fer2013, out, tmp_path / "moved.csv")
    assert "labels agree with the majority of moved.csv on 1" in message
    shifted = frame.copy()
    shifted.iloc[:, 2:] = np.roll(frame.iloc[:, 2:].to_numpy(), 1, axis=0)
    shifted.to_csv(tmp_path / "shifted.csv", index=False)
    assert "the rows are in another order" in refusal(fer2013, out, tmp_path / "shifted.csv")
    part = np.roll(frame.iloc[25_001:28_709, 2:].to_numpy(), 1, axis=0)
    frame.iloc[25_001:28_709, 2:] = part
    frame.to_csv(tmp_path / "partly.csv", index=False)
    assert "of the train images 25000 to 25249" in refusal(fer2013, out, tmp_path / "partly.csv")


def test_a_sample_of_the_real_icml_file_is_refused(fer2013, form, out):
    source = form("icml") / "icml_face_data.csv"
    assert "has its rows in another order" in refusal(source, out, fer2013 / "fer2013new.csv")
