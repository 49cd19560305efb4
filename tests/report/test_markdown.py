import re
from dataclasses import replace

from markdown_it import MarkdownIt

from harness.report import compare
from harness.report.html import render_html
from harness.report.markdown import _code, _note, escape, render_markdown
from harness.report.page import compose
from harness.report.plots.plot import Plot


def parsed(text):
    return MarkdownIt("commonmark").enable("table").parse(text)


def tables(text):
    found, row = [], None
    for token in parsed(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            row = []
            found[-1].append(row)
        elif token.type == "inline" and row is not None and token.level > 3:
            row.append("".join(child.content for child in token.children))
    return found


def test_the_tables_are_tables_with_as_many_cells_in_each_row(written, eight):
    found = tables((written / "report.md").read_text())
    card, main, unfinished = found[0], found[1], found[-1]
    assert len(found) == 8
    for table in found:
        assert len({len(row) for row in table}) == 1
    assert [row[0] for row in main[1:9]] == [row.label for row in eight.done]
    assert len(main) == 1 + 8 + 1 + 3
    assert unfinished[2] == ["tiny-vit", "failed", "the loss is NaN in <b>epoch 3</b> | a_b"]
    assert ["precision", "float32"] in card


def test_the_best_is_bold(written):
    text = (written / "report.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith("| linear"))
    assert "**96300** (batch 64)" in line


def test_plots_are_linked_and_exist(written):
    links = re.findall(r"\]\((plots/[^)]+)\)", (written / "report.md").read_text())
    assert links
    assert all((written / link).is_file() for link in links)
    assert len(links) == len(list((written / "plots").iterdir()))


def test_a_plugins_section_is_its_own_markdown(written):
    text = (written / "report.md").read_text()
    assert "## A \\<b\\>plugin's\\</b\\> words\n\n- one\n- two & <script>" in text


def test_each_command_is_there_to_repeat(written, eight):
    text = (written / "report.md").read_text()
    assert all(f"`{row.record.command}`" in text for row in eight.rows)


def test_what_is_escaped_reads_as_it_was():
    text = "a_b *c* `d` <script> [e](f) | # \\ ~~no~~ &amp; $x$ g\nh"
    (inline,) = (token for token in parsed(escape(text)) if token.type == "inline")
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children) == text.replace("\n", " ")


def test_what_stands_in_backticks_in_a_note_is_code_and_the_rest_is_plain():
    assert _note("`harness run` makes *it* in a_b.") == "`harness run` makes \\*it\\* in a\\_b."


def test_a_command_with_backticks_stays_one_code_span():
    assert _code("a `b` c") == "``a `b` c``"
    assert _code("`b`") == "`` `b` ``"
    assert _code("plain") == "`plain`"


def test_what_the_commands_and_pictures_do_not_say_stands_beside_them(corrupted, make_entry):
    pages = (
        compose(comparison, (), (), "now") for comparison in (corrupted, compare([make_entry("a")]))
    )
    told, alone = (replace(page, plots=(Plot("curves", "falls", b""),)) for page in pages)
    robust, seeds = (
        "With --robustness, they evaluate the corrupted images",
        "Over several seeds, an",
    )
    for render in (render_markdown, lambda page: render_html(page, (), {})):
        assert robust in render(told)
        assert robust not in render(alone)
    assert seeds in render_markdown(told)
    assert seeds not in render_markdown(alone)
