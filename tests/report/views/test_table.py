from harness.report.views.table import Cell, Head, Line, mark_best


def marked(heads, *rows, kind="run"):
    lines = [Line(str(i), row, kind) for i, row in enumerate(rows)]
    return [[one.best for one in line.cells] for line in mark_best(heads, lines)]


UP, DOWN, NEITHER = Head("up", "high"), Head("down", "low"), Head("neither")


def test_the_best_is_the_highest_or_the_lowest_as_the_head_says():
    rows = [tuple(Cell(str(v), value=v) for v in (v, v, v)) for v in (1.0, 2.0)]
    assert marked([UP, DOWN, NEITHER], *rows) == [[False, True, False], [True, False, False]]


def test_a_single_row_and_equal_rows_have_no_best():
    assert marked([UP], (Cell("1", value=1.0),)) == [[False]]
    assert marked([UP], (Cell("1", value=1.0),), (Cell("1", value=1.0),)) == [[False], [False]]


def test_what_reads_like_the_best_is_marked_too():
    rows = [(Cell("1.0", value=1.01),), (Cell("1.0", value=1.02),), (Cell("0.5", value=0.5),)]
    assert marked([UP], *rows) == [[True], [True], [False]]


def test_the_best_is_sought_within_a_scope_only():
    rows = [(Cell(str(v), value=v, scope=s),) for v, s in ((1.0, "a"), (2.0, "a"), (9.0, "b"))]
    assert marked([UP], *rows) == [[False], [True], [False]]


def test_gaps_and_zero_are_told_apart():
    assert marked([DOWN], (Cell(),), (Cell("0", value=0.0),), (Cell("1", value=1.0),)) == [
        [False],
        [True],
        [False],
    ]


def test_unfinished_rows_are_never_marked():
    rows = [(Cell("1", value=1.0),), (Cell("2", value=2.0),)]
    assert marked([UP], *rows, kind="unfinished") == [[False], [False]]


def test_a_note_stands_in_brackets_unless_it_is_a_deviation():
    assert [Cell("1", note).aside for note in ("", "0–2", "± 1")] == ["", " (0–2)", " ± 1"]
