import errno
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from harness.cli.audit import describe
from harness.cli.audited import audit_data
from harness.cli.data import data
from harness.cli.main import call
from harness.data.audit import find_audit, stored_audit
from harness.data.splits import open_splits
from harness.errors import RequestError
from harness.store import Store


def invoke(*arguments):
    return CliRunner().invoke(data, ["audit", *(str(argument) for argument in arguments)])


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    """A data set of three classes, of which test lacks one, with twins of every kind."""
    random = np.random.default_rng(0)
    blocks = random.integers(40, 216, (20, 8, 8)).astype(np.uint8)
    pictures = blocks.repeat(4, axis=1).repeat(4, axis=2)
    train = pictures[:12].copy()
    train[2:4] = 0
    brighter = pictures[1] // 2 + 60
    splits = {
        "train": (train, np.arange(12) % 3),
        "valid": (np.stack([pictures[0], *pictures[12:15]]), np.array([1, 0, 1, 2])),
        "test": (np.stack([pictures[0], brighter, *pictures[15:18]]), np.array([0, 1, 1, 0, 1])),
    }
    folder = tmp_path / "pets"
    folder.mkdir()
    for split, (images, labels) in splits.items():
        np.save(folder / f"{split}_images.npy", images)
        np.save(folder / f"{split}_labels.npy", labels)
    (folder / "classes.txt").write_text("cat\ndog\neel\n")
    return folder


def table(text):
    """The numbers of each row of the table, by its head."""
    rows = [line.rsplit("  ", 5) for line in text.splitlines()]
    cells = [line.split() for line in text.splitlines() if line.rstrip().endswith("%")]
    assert rows
    return {" ".join(row[:-6]): row[-6:-1] for row in cells}


def test_the_table_counts_images_by_where_their_twins_are(folder):
    result = invoke(folder, "--pairs", 0)
    assert result.exit_code == 0
    found = table(result.stdout)
    assert found["test in train"] == ["1", "1", "2", "5", "40.0"]
    assert found["valid in train"] == ["1", "0", "1", "4", "25.0"]
    assert found["test in valid"] == ["1", "0", "1", "5", "20.0"]
    assert found["within train"] == ["2", "0", "2", "12", "16.7"]
    assert found["within test"] == ["0", "0", "0", "5", "0.0"]


def test_the_lines_below_say_the_rest(folder):
    lines = invoke(folder, "--pairs", 0).stdout.splitlines()
    assert "clean test   3 test images have no twin in train; 2 are left out" in lines
    assert "exact twins  2 groups; 3 images are further copies" in lines
    assert "near twins   1 pairs (score 0.90 or more); 0 doubtful ones just below" in lines
    assert (
        "conflicts    2 groups of exact twins (5 images) and 0 groups joined by near twins "
        "(0 images) carry different labels"
    ) in lines
    assert "blank        2 in train" in lines
    assert "classes      test lacks eel" in lines
    assert f"audit in {folder / 'audit.json'}" in lines


def test_the_picture_lies_beside_the_audit_unless_told_otherwise(folder, tmp_path):
    result = invoke(folder)
    assert f"picture in {folder / 'twins.png'}" in result.stdout
    assert (folder / "twins.png").read_bytes().startswith(b"\x89PNG")
    (folder / "twins.png").unlink()
    out = tmp_path / "new" / "pairs.png"
    assert f"picture in {out}" in invoke(folder, "--picture", out).stdout
    assert out.is_file()
    assert not (folder / "twins.png").exists()


def test_no_pairs_are_no_picture(folder):
    result = invoke(folder, "--pairs", 0)
    assert "picture in" not in result.stdout
    assert "not drawn" not in result.stderr
    assert not (folder / "twins.png").exists()
    asked = invoke(folder, "--pairs", 0, "--picture", "mine.png").stderr
    assert "warning: mine.png is not drawn: --pairs 0 asks for none" in asked


def test_near_twins_that_were_not_looked_for_are_not_none(folder):
    for split in ("train", "valid", "test"):
        np.save(
            folder / f"{split}_images.npy", np.load(folder / f"{split}_images.npy")[:, ::8, ::8]
        )
    result = invoke(folder, "--picture", "mine.png")
    assert table(result.stdout)["test in train"] == ["1", "–", "1", "5", "20.0"]
    assert "test images have no exact twin in train" in result.stdout
    assert "mine.png is not drawn: near twins were not told" in result.stderr


def test_without_near_twins_there_is_no_picture(folder):
    np.save(folder / "test_images.npy", np.load(folder / "valid_images.npy")[[1, 2, 3, 1, 2]])
    assert "picture in" not in invoke(folder).stdout
    asked = invoke(folder, "--picture", "mine.png").stderr
    assert "warning: mine.png is not drawn: there are no near twins" in asked


@pytest.mark.parametrize("name", ["twins.pdf", "twins"])
def test_a_picture_of_another_form_is_one_sentence(folder, tmp_path, name):
    result = invoke(folder, "--picture", tmp_path / name)
    assert isinstance(result.exception, RequestError)
    assert str(result.exception).endswith("expected a name that ends in .png")
    assert not (folder / "audit.json").exists()


def test_a_picture_that_cannot_be_written_is_one_sentence(folder, tmp_path):
    (tmp_path / "file").write_text("")
    result = invoke(folder, "--picture", tmp_path / "file" / "twins.png")
    assert isinstance(result.exception, RequestError)
    assert str(result.exception).endswith("give another --picture")


def test_what_was_found_is_said_though_the_picture_cannot_be_written(folder, tmp_path):
    (tmp_path / "file").write_text("")
    result = invoke(folder, "--picture", tmp_path / "file" / "twins.png")
    assert result.exception is not None
    assert table(result.stdout)["test in train"][:3] == ["1", "1", "2"]
    assert "picture in" not in result.stdout


@pytest.fixture
def read_only(folder, monkeypatch):
    """The data set on a medium that cannot be written, with its audit: root may write anywhere."""

    def refuse(out, content):
        raise OSError(errno.EROFS, "Read-only file system", str(out))

    invoke(folder, "--pairs", 0)
    monkeypatch.setattr("harness.cli.picture.replace", refuse)
    return folder


def test_a_picture_that_nobody_asked_for_is_left_out_on_read_only_media(read_only):
    result = invoke(read_only)
    assert result.exit_code == 0
    assert table(result.stdout)["test in train"][:3] == ["1", "1", "2"]
    assert "picture in" not in result.stdout
    assert result.stderr == (
        f"warning: the picture is left out: cannot write {read_only / 'twins.png'} "
        "(Read-only file system); give another --picture\n"
    )


def test_json_is_whole_on_read_only_media(read_only):
    printed = json.loads(invoke(read_only, "--json").stdout)
    assert printed == json.loads((read_only / "audit.json").read_text())


def test_json_is_the_whole_audit_and_nothing_else(folder):
    printed = json.loads(invoke(folder, "--json").stdout)
    assert printed == json.loads((folder / "audit.json").read_text())
    assert printed["card"]["clean"] == 3


def test_force_looks_again(folder):
    invoke(folder, "--pairs", 0)
    before = (folder / "audit.json").stat().st_mtime_ns
    invoke(folder, "--pairs", 0)
    assert (folder / "audit.json").stat().st_mtime_ns == before
    invoke(folder, "--pairs", 0, "--force")
    assert (folder / "audit.json").stat().st_mtime_ns > before


def test_a_prepared_data_set_is_replaced_along_with_its_audit(folder, tmp_path):
    out = tmp_path / "out"
    words = ["prepare", str(folder), "--out", str(out)]
    assert CliRunner().invoke(data, words).exit_code == 0
    invoke(out)
    assert {"audit.json", "clean_test.npy", "twins.png"} <= {path.name for path in out.iterdir()}
    assert CliRunner().invoke(data, [*words, "--force"]).exit_code == 0
    assert not (out / "audit.json").exists()


def test_what_is_wrong_beyond_numbers_is_a_warning(folder):
    for split in ("train", "valid", "test"):
        path = folder / f"{split}_images.npy"
        np.save(path, np.load(path)[:, ::4, ::4])
    assert "warning: images of less than 16 × 16 pixels" in invoke(folder).stderr
    card = find_audit(folder, open_splits(folder))[0].card
    assert (card.near, card.words) == (None, f"{card.exact} exact, near ones are not told")
    assert card.twins == card.exact


def test_a_class_that_a_split_lacks_is_said_at_each_run(folder, capsys):
    path = folder / "test_labels.npy"
    np.save(path, np.minimum(np.load(path), 1))
    said = [say(folder, capsys)[1] for _ in range(2)]
    assert all("warning: test has no image of" in one for one in said)


def test_images_that_are_too_much_alike_are_said_to_be(folder):
    audit, _ = find_audit(folder, open_splits(folder))
    text = describe(audit.model_copy(update={"threshold": None}), ("cat", "dog", "eel"))
    assert "near twins   not listed; the warning says why" in text


def test_a_file_of_the_users_is_no_audit_and_is_said_to_be_left(folder, cache):
    (folder / "audit.json").write_text("mine")
    result = invoke(folder, "--pairs", 0)
    assert "other files by an audit's names (audit.json; move them to have it" in result.stderr
    assert str(cache) in result.stdout.splitlines()[-1]
    assert (folder / "audit.json").read_text() == "mine"


def test_a_data_set_of_a_plugin_is_audited_by_its_name():
    result = invoke("faces[size=80]", "--pairs", 0)
    assert result.exit_code == 0
    assert result.stdout.startswith("faces-")


# At the first run


def say(folder, capsys, *, dry_run=False, terminal=False):
    file = io.StringIO()
    file.isatty = lambda: terminal
    console = Console(file=file, force_terminal=terminal)
    result = audit_data(folder, open_splits(folder), console, dry_run=dry_run)
    return result, file.getvalue() + capsys.readouterr().err


def test_the_first_run_audits_and_says_what_it_found(folder, capsys):
    (card, place), said = say(folder, capsys)
    assert place == folder
    assert (card.exact, card.near, card.clean) == (1, 1, 3)
    first, lacking, second = said.splitlines()
    assert first == "auditing 21 images, once for this data …"
    assert lacking.startswith("warning: ")
    assert second == (
        "audit: 2 of 5 test images have a twin in train (1 exact, 1 near); the clean test has 3"
    )
    again, said = say(folder, capsys)
    assert again == (card, place)
    assert said.splitlines() == [lacking, second]


def test_on_a_terminal_the_audit_shows_how_far_it_is_and_leaves_no_line(folder, capsys):
    _, said = say(folder, capsys, terminal=True)
    assert "auditing 21 images" in said
    # What is drawn over is erased, and the cursor shown again.
    assert said.index("\x1b[2K") > said.index("auditing")
    assert not said.splitlines()[-1].startswith("auditing")


def test_a_dry_run_only_says_that_it_would_audit(folder, capsys):
    found, said = say(folder, capsys, dry_run=True)
    assert found == (None, None)
    assert said == "audit: none yet of this data; the first run makes it\n"
    assert not (folder / "audit.json").exists()
    find_audit(folder, open_splits(folder))
    assert "2 of 5 test images" in say(folder, capsys, dry_run=True)[1]


def test_where_the_data_cannot_be_written_it_says_where_the_audit_is(folder, cache, capsys):
    folder.chmod(0o555)
    try:
        (_, place), said = say(folder, capsys)
    finally:
        folder.chmod(0o755)
    assert str(place).startswith(str(cache))
    assert f"the data's folder cannot be written: the audit is kept in {place}" in said


def test_warnings_of_an_audit_are_said(folder, capsys):
    for split in ("train", "valid", "test"):
        path = folder / f"{split}_images.npy"
        np.save(path, np.load(path)[:, ::4, ::4])
    assert "warning: images of less than 16 × 16 pixels" in say(folder, capsys)[1]


def test_runs_are_judged_on_the_clean_test_and_again_when_it_changes(
    folder, tmp_path, capsys, monkeypatch
):
    results = tmp_path / "results"
    words = ["run", "convnet", "--data", str(folder), "--results", str(results)]
    words += ["-o", "epochs=1", "--engine", "inline", "--threads", "1", "--precision", "float32"]
    assert call(words) == 0
    [(_, record)] = Store(results).list_runs().records
    assert (record.test.n, record.test_clean.n) == (5, 3)
    assert record.audit.clean == 3
    # Another method finds no near twins: the run is judged again and not trained again.
    for module in ("keep", "findings"):
        monkeypatch.setattr(f"harness.data.audit.{module}.VERSION", 2)
    monkeypatch.setattr("harness.data.audit.near.SMALLEST", 1000)
    capsys.readouterr()
    assert call(words) == 0
    said = capsys.readouterr().err
    assert "assessed by the new audit of its data" in said
    assert "epoch 1/1" not in said
    [(_, again)] = Store(results).list_runs().records
    assert (again.audit.version, again.test_clean.n) == (2, 4)
    assert (again.train, again.test, again.finished_at) == (
        *(record.train, record.test),
        record.finished_at,
    )
    assert stored_audit(folder, record.dataset.fingerprint) is not None
