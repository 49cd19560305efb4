"""The published comparison is what `harness report` makes of the published records."""

import csv
import re
import statistics
from pathlib import Path

import pytest

from harness.cli.main import call

RESULTS = Path(__file__).parents[1] / "results"
PUBLISHED = sorted(path.parent for path in RESULTS.glob("fer2013*/report"))
LONG = re.compile(r"\d+\.\d{12,}(?:e-?\d+)?")
MOST = 14_000_000  # Bytes.


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


def test_what_is_published_is_small(published: Path) -> None:
    sizes = [path.stat().st_size for path in files_of(published).values()]
    assert 0 < sum(sizes) <= MOST


README = RESULTS.parent / "README.md"
FULL = RESULTS / "fer2013-full" / "report"
COLUMNS = {
    "**PrivateTest**": ("accuracy",),
    "**the clean test**": ("accuracy_clean",),
    "training images": ("train_accuracy",),
    "calibration error": ("ece",),
    "mean of these": ("uar", "uar_clean"),
}
WORDS = {"six": 6, "ten": 10, "fifteen": 15}


def rows_of(name: str) -> list[dict[str, str]]:
    with (FULL / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def published_table() -> dict[str, list[str]]:
    """Return the cells of the README's table on FER-2013, by their first one."""
    _, _, text = README.read_text(encoding="utf-8").partition("| % right")
    lines = ["| % right" + text.partition("\n")[0], *text.partition("\n\n")[0].splitlines()[2:]]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip(): row[1:] for row in cells}


def told(numbers: list[float]) -> str:
    """Write a mean in per cent, with its standard deviation if there are several."""
    mean = f"{100 * statistics.mean(numbers):.1f}"
    return f"{mean} ± {100 * statistics.stdev(numbers):.1f}" if numbers[1:] else mean


def figures_of(model: str, recipe: str, epochs: str) -> dict[str, list[str]]:
    """Return what the README says of one configuration, by the beginnings of its lines."""
    runs = [run for run in rows_of("comparison.csv") if run["model"] == model]
    runs = [run for run in runs if (run["recipe"], run["epochs"]) == (recipe, epochs)]
    recalls: dict[tuple[str, str], list[float]] = {}
    for row in rows_of("per_class.csv"):
        if row["key"] in {run["key"] for run in runs}:
            recalls.setdefault((row["class"], row["split"]), []).append(float(row["recall"]))
    figures = {
        line: [told([float(run[column]) for run in runs]) for column in columns]
        for line, columns in COLUMNS.items()
    }
    for name in dict(recalls):
        means = [statistics.mean(recalls[name[0], split]) for split in ("test", "test_clean")]
        figures[f"*{name[0]}*"] = [told([mean]) for mean in means]
    return figures


def test_the_figures_in_the_readme_are_those_of_the_report() -> None:
    table = published_table()
    heads = next(cells for line, cells in table.items() if line.startswith("% right"))
    for place, head in enumerate(heads):
        name, _, passes = head.partition(", ")
        model, _, recipe = name.partition(" ")
        figures = figures_of(model, recipe or "default", passes.removesuffix(" passes"))
        for start, expected in figures.items():
            [line] = [line for line in table if start in line and not line.startswith("% right")]
            cell = re.sub(r"\*|\([^)]*\)", "", table[line][place])
            assert [one.strip() for one in cell.split(", ")] == expected, (head, line)


@pytest.mark.parametrize("page", [README, RESULTS / "README.md"], ids=["README", "results"])
def test_as_many_pairs_are_corrected_for_as_are_said(page: Path) -> None:
    pairs = [
        row
        for row in rows_of("pairs.csv")
        if (row["metric"], row["test"]) == ("accuracy", "all") and row["subject"] != "ensembles"
    ]
    said = re.findall(r"corrected\s+for\s+(\w+)\s+pairs", page.read_text(encoding="utf-8"))
    assert said
    assert {WORDS[word] for word in said} == {len(pairs)}
