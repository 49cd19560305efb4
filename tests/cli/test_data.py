import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from harness.cli import data as module
from harness.cli.data import data
from harness.data import published
from harness.errors import DataError, RequestError

HEADER = "emotion,pixels,Usage"
ROWS = ("0,0 0 0 0,Training", "3,70 80 82 90,PublicTest", "6,1 2 3 4,PrivateTest")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n")
    return path


def invoke(*arguments, **options):
    return CliRunner().invoke(data, [str(argument) for argument in arguments], **options)


def test_prepare_writes_a_data_set_and_says_what_and_where(source, tmp_path):
    out = tmp_path / "fer"
    result = invoke("prepare", source, "--out", out, catch_exceptions=False)
    assert result.exit_code == 0
    assert (out / "manifest.json").is_file()
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["split", "images", *published.CLASSES]
    assert lines[2].split() == ["train", "1", "1", "0", "0", "0", "0", "0", "0"]
    assert lines[4].split() == ["test", "1", "0", "0", "0", "0", "0", "0", "1"]
    assert "2 × 2 pixels; training images have mean 0.0000 and standard deviation 0.0000" in lines
    assert lines[-1] == (
        f"read {source.name} as fer2013-csv, written to {out}; next: harness run --all --data {out}"
    )


def test_many_classes_are_rows(tmp_path):
    arrays = tmp_path / "arrays"
    arrays.mkdir()
    for split in ("train", "valid", "test"):
        np.save(arrays / f"{split}_images.npy", np.zeros((40, 2, 2), np.uint8))
        np.save(arrays / f"{split}_labels.npy", np.arange(40) % 20)
    result = invoke("prepare", arrays, "--out", tmp_path / "many")
    assert result.stdout.splitlines()[0].split() == ["class", "train", "valid", "test"]


def test_warnings_go_to_standard_error_one_a_line(source, tmp_path):
    result = invoke("prepare", source, "--out", tmp_path / "fer")
    lines = result.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("warning: ") for line in lines)
    assert lines[0].startswith("warning: train has 1 images (published: 28709)")


def test_json_is_the_manifest_and_the_folder_alone(source, tmp_path):
    result = invoke("prepare", source, "--out", tmp_path / "fer", "--json")
    printed = json.loads(result.stdout)
    assert printed.pop("out") == str(tmp_path / "fer")
    assert printed == json.loads((tmp_path / "fer" / "manifest.json").read_text())


def test_force_is_needed_to_replace(source, tmp_path):
    arguments = ("prepare", source, "--out", tmp_path / "fer")
    assert invoke(*arguments).exit_code == 0
    refused = invoke(*arguments)
    assert isinstance(refused.exception, DataError)
    assert "--force" in str(refused.exception)
    assert invoke(*arguments, "--force").exit_code == 0


def test_out_is_required(source):
    result = invoke("prepare", source)
    assert result.exit_code == 2
    assert "--out" in result.stderr


def test_help_teaches_by_an_example():
    result = invoke("prepare", "--help")
    assert result.exit_code == 0
    assert "\n    harness data prepare fer2013.csv --out data/fer2013\n" in result.stdout
    assert "PublicTest" in result.stdout


def test_a_terminal_shows_how_far_the_reading_is(source, tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(module.sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with module._progress("reading x.csv") as progress:
        progress(500, 1000)
        progress(1000, 1000)
    assert "reading x.csv" in screen.getvalue()


def test_elsewhere_nothing_is_shown(capsys):
    with module._progress("reading x.csv") as progress:
        progress(1000, 1000)
    assert capsys.readouterr().err == ""


def test_shares_and_seed_reach_the_carving(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text("emotion,pixels\n" + "".join(f"{row % 2},{row}\n" for row in range(40)))
    words = ("--valid-share", 0.25, "--test-share", 0.5)
    result = invoke("prepare", path, "--out", tmp_path / "a", *words, "--seed", 3, "--json")
    assert json.loads(result.stdout)["counts"] == {"train": 10, "valid": 10, "test": 20}
    assert "10 for valid and 20 for test were set apart, stratified by class, with seed 3" in (
        result.stderr
    )


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        (("--size", "5"), [5, 5]),
        (("--size", "4x6", "--rgb"), [4, 6, 3]),
        (("--grey",), [3, 2]),
    ],
)
def test_size_and_channels_reach_the_images(tmp_path, words, shape):
    for inner in ("train/a", "train/b", "val/a", "test/a"):
        (tmp_path / "set" / inner).mkdir(parents=True)
        Image.new("L", (2, 3)).save(tmp_path / "set" / inner / "1.png")
    result = invoke("prepare", tmp_path / "set", "--out", tmp_path / "out", *words, "--json")
    assert json.loads(result.stdout)["image_shape"] == shape


@pytest.mark.parametrize("size", ["0", "x", "4x", "4x0", "-3", "4x5x6"])
def test_a_size_that_is_none_is_refused(source, tmp_path, size):
    result = invoke("prepare", source, "--out", tmp_path / "out", "--size", size)
    assert result.exit_code == 2
    assert f"{size!r}, expected N or HxW in pixels" in result.stderr


def test_arrays_are_named_on_the_command_line(tmp_path):
    for name in ("a", "b", "c"):
        np.save(tmp_path / f"{name}_images.npy", np.full((2, 3, 3), ord(name), np.uint8))
        np.save(tmp_path / f"{name}_labels.npy", np.array([0, 1]))
    words = [
        word
        for split, name in {"train": "a", "valid": "b", "test": "c"}.items()
        for kind in ("images", "labels")
        for word in ("--array", f"{split}_{kind}={name}_{kind}.npy")
    ]
    out = tmp_path.with_name("out")
    assert invoke("prepare", tmp_path, "--out", out, *words, catch_exceptions=False).exit_code == 0
    assert (np.load(out / "valid_images.npy") == ord("b")).all()


@pytest.mark.parametrize("word", ["train_images", "=x.npy", "train_images="])
def test_an_array_without_role_or_name_is_refused(source, tmp_path, word):
    result = invoke("prepare", source, "--out", tmp_path / "out", "--array", word)
    assert result.exit_code == 2
    assert f"{word!r}, expected ROLE=NAME" in result.stderr


def test_two_arrays_for_one_role_are_refused(source, tmp_path):
    words = ("train_images=a.npy", "train_images=b.npy")
    options = [part for word in words for part in ("--array", word)]
    result = invoke("prepare", source, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert f"{words[0]} and {words[1]}, expected one array for train_images" in result.stderr


@pytest.fixture
def official(tmp_path):
    """FER-2013 in its official counts, of one pixel an image, and unanimous votes for it."""
    folder = tmp_path / "official"
    folder.mkdir()
    lines = ["Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"]
    lines[0] += "unknown,NF"
    usages = {"train": "Training", "valid": "PublicTest", "test": "PrivateTest"}
    for split, usage in usages.items():
        labels = np.repeat(np.arange(7), published.COUNTS[split])
        np.save(folder / f"{split}_images.npy", np.zeros((len(labels), 1, 1), np.uint8))
        np.save(folder / f"{split}_labels.npy", labels)
        for label in labels.tolist():
            votes = ["0"] * 10
            votes[(4, 5, 6, 1, 3, 2, 0)[label]] = "10"
            lines.append(f"{usage},,{','.join(votes)}")
    (tmp_path / "fer2013new.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_votes_are_joined_and_said_so(official, tmp_path):
    words = ("prepare", official, "--out", tmp_path / "out", "--ferplus")
    result = invoke(*words, tmp_path / "fer2013new.csv", catch_exceptions=False)
    lines = result.stdout.splitlines()
    assert lines[0].split()[2:] == list(published.CLASSES)
    assert lines[-2].startswith("votes of fer2013new.csv were joined by row; where they have")
    assert result.stderr == ""
    assert (tmp_path / "out" / "train_votes.npy").is_file()


def test_majorities_become_labels_on_request(official, tmp_path):
    words = ("prepare", official, "--out", tmp_path / "out", "--labels", "ferplus", "--ferplus")
    result = invoke(*words, tmp_path / "fer2013new.csv", "--json", catch_exceptions=False)
    printed = json.loads(result.stdout)
    assert printed["classes"][:2] == ["neutral", "happiness"]
    assert printed["class_counts"]["test"] == [626, 879, 416, 594, 491, 55, 528, 0]
    assert printed["votes"]["source"]["name"] == "fer2013new.csv"
    assert printed["notes"][1].startswith("train: labels are the votes' majorities on 28709 of")


def test_grey_and_rgb_at_once_are_refused(source, tmp_path):
    result = invoke("prepare", source, "--out", tmp_path / "out", "--grey", "--rgb")
    assert isinstance(result.exception, RequestError)
    assert "give one of them" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_other_labels_than_these_two_are_unknown(source, tmp_path):
    result = invoke("prepare", source, "--out", tmp_path / "out", "--labels", "mine")
    assert result.exit_code == 2
    assert "'mine' is not one of 'source', 'ferplus'" in result.stderr
