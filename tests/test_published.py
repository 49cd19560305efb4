"""The published comparison is what `harness report` makes of the published records."""

import re
from pathlib import Path

import pytest

from harness.cli.main import call

RESULTS = Path(__file__).parents[1] / "results"
PUBLISHED = sorted(path.parent for path in RESULTS.glob("fer2013*/report"))
LONG = re.compile(r"\d+\.\d{12,}(?:e-?\d+)?")
MOST = 12_000_000  # Bytes.


def said(path: Path) -> str:
    """Return a file without its date and version, and with twelve digits of each number.

    Processors differ in the last digits of a logarithm.
    """
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"Generated at \S+ \S+ UTC by harness [^\s<]+", "Generated", text)
    text = re.sub(r'(name="generator" content="harness )[^"]+', r"\1", text)
    return LONG.sub(lambda found: f"{float(found[0]):.12g}", text)


def files_of(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module", params=PUBLISHED, ids=lambda folder: folder.name)
def published(request: pytest.FixtureRequest) -> Path:
    """A results folder that is published."""
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module")
def again(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report, made again from the published records."""
    out = tmp_path_factory.mktemp("published") / "report"
    before = files_of(published).keys()
    assert call(["report", "--results", str(published), "--out", str(out)]) == 0
    assert files_of(published).keys() == before
    return out


def test_the_published_report_has_the_files_that_its_records_give(
    published: Path, again: Path
) -> None:
    assert files_of(published / "report").keys() == files_of(again).keys()


@pytest.mark.parametrize("suffix", [".csv", ".md", ".json", ".html"])
def test_the_published_tables_are_those_that_its_records_give(
    published: Path, again: Path, suffix: str
) -> None:
    found = {name: path for name, path in files_of(again).items() if path.suffix == suffix}
    assert found
    for name, path in found.items():
        assert said(published / "report" / name) == said(path), name


def test_what_is_published_holds_neither_weights_nor_data(published: Path) -> None:
    files = files_of(published)
    kinds = {".json", ".jsonl", ".npz", ".csv", ".md", ".html", ".png"}
    assert {path.suffix for path in files.values()} == kinds
    assert {path.name for path in files.values() if path.suffix == ".npz"} == {"predictions.npz"}


def test_what_is_published_is_small() -> None:
    sizes = [path.stat().st_size for folder in PUBLISHED for path in files_of(folder).values()]
    assert 0 < sum(sizes) <= MOST
