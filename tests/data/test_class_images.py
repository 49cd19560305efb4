"""The files in class folders: which are images, what is decoded, and how they are named."""

import json
import os

import pytest
from PIL import Image

from harness.data.prepare import prepare


def numbered(folder, count):
    return [f"{folder}/{number:02}.png" for number in range(count)]


def test_other_files_and_what_systems_leave_are_passed_over(tree, read):
    source = tree(*numbered("a", 20), *numbered("b", 20))
    for junk in ("README.md", "a/._00.png", "__MACOSX/a/00.png", "b/Thumbs.db", "a/@eaDir/00.png"):
        (source / junk).parent.mkdir(parents=True, exist_ok=True)
        (source / junk).write_bytes(b"junk")
    assert sum(len(labels) for _, labels in read(source).arrays.values()) == 40


def test_files_of_class_folders_that_are_no_images_are_counted(tree, read):
    source = tree(*numbered("train/a", 20), *numbered("train/b", 20))
    for name in ("a/1.heic", "a/2.HEIC", "b/3.heic", "b/notes"):
        (source / "train" / name).write_bytes(b"something")
    (source / "train" / "labels.csv").write_text("beside the class folders")
    assert (
        "set: left out of the class folders is what is no image by its name (3 .heic, 1 no "
        "suffix); if some are, convert them"
    ) in read(source).warnings


def test_unread_files_of_a_class_are_counted_in_whatever_folder_of_it(tree, read):
    source = tree("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/b/1.png")
    for name in ("train/a/more/1.heic", "val/b/2.heic"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(b"something")
    (warning,) = read(source).warnings
    assert "by its name (2 .heic)" in warning


def test_a_link_to_an_image_that_is_gone_is_named(tree, refusal, tmp_path):
    source = tree(*numbered("a", 20), *numbered("b", 20))
    (source / "a" / "x.png").symlink_to("/nowhere/x.png")
    (source / "a" / "README").symlink_to("/nowhere/README")
    assert refusal(source).startswith(
        "cannot read set/a/x.png (a link to /nowhere/x.png, where nothing is)"
    )


def test_images_by_less_common_names_are_read(tree, read):
    source = tree(*numbered("a", 10), *numbered("b", 10))
    for number, suffix in enumerate(("jfif", "jpe", "dib", "pnm", "tga", "JFIF")):
        kind = {"jfif": "JPEG", "jpe": "JPEG", "dib": "DIB", "pnm": "PPM", "tga": "TGA"}
        place = source / "a" / f"more{number}.{suffix}"
        Image.new("L", (2, 3), 7).save(place, kind[suffix.lower()])
    prepared = read(source)
    assert sum(len(labels) for _, labels in prepared.arrays.values()) == 26
    assert not any("left out" in warning for warning in prepared.warnings)


def test_grey_only_if_all_are(tree, read):
    grey = tree("train/a/1.png", "val/a/1.png", "test/a/1.png")
    assert read(grey).arrays["train"][0].shape == (1, 3, 2)
    assert read(grey, channels="rgb").arrays["train"][0].shape == (1, 3, 2, 3)
    mixed = tree("test/a/2.png", mode="RGB")
    assert read(mixed).arrays["train"][0].shape == (1, 3, 2, 3)
    assert read(mixed, channels="grey").arrays["train"][0].shape == (1, 3, 2)


def test_sizes_that_differ_are_refused_unless_all_are_resized(tree, read, refusal):
    tree("train/a/1.png", "val/a/1.png", "test/a/1.png")
    source = tree("train/b/2.png", size=(5, 5))
    message = refusal(source)
    assert message.startswith("set/train/b/2.png is 5 × 5 pixels (height × width), expected 3 × 2")
    assert read(source, size=(4, 6)).arrays["train"][0].shape == (2, 4, 6)


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "tar.gz", "tgz"])
def test_a_damaged_image_is_named(tree, pack, refusal, kind):
    source = tree("train/a/1.png", "val/a/1.png", "test/a/1.png")
    (source / "val" / "a" / "1.png").write_bytes(b"\x89PNG")
    assert "/val/a/1.png cannot be decoded as an image (" in refusal(pack(source, kind))


def test_progress_counts_the_bytes_of_images(tree, tmp_path):
    calls = []
    source = tree("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/a/1.png")
    prepare(source, tmp_path / "out", progress=lambda *call: calls.append(call))
    total = sum(path.stat().st_size for path in source.rglob("*.png"))
    assert calls == sorted(calls)
    assert calls[-1] == (total, total)


def test_file_names_are_kept_beside_the_manifest(tree, tmp_path):
    source = tree("train/a/1.png", "train/b/1.png", "val/a/ü.png", "test/a/1.png")
    out = tmp_path / "out"
    for force in (False, True):
        prepare(source, out, force=force)
    text = (out / "files.json").read_text("utf-8")
    assert json.loads(text) == {
        "train": ["train/a/1.png", "train/b/1.png"],
        "valid": ["val/a/ü.png"],
        "test": ["test/a/1.png"],
    }
    assert '\n"val/a/ü.png"\n' in text
    assert "1.png" not in (out / "manifest.json").read_text()


def test_a_name_that_is_no_utf8_is_kept(tree, tmp_path):
    source = tree("train/a/1.png", "train/b/1.png", "val/a/1.png", "test/a/1.png")
    odd = os.fsdecode(b"\xff.png")
    (source / "test" / "a" / "1.png").rename(source / "test" / "a" / odd)
    prepare(source, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "files.json").read_text("utf-8"))["test"] == [
        f"test/a/{odd}"
    ]
