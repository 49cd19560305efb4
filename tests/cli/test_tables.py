"""Tables of stored runs on the screen."""

import re

import pytest
from rich.console import Console
from rich.text import Text

from harness.cli import tables

HEADS = ("key", "model", "seed")
LINES = [("0123abcd", "vgg[width=16]", "0"), ("ffff0000", "größer-網", "12")]


def printed(capsys, width, lines=LINES):
    capsys.readouterr()
    tables._print_lines(Console(width=width), HEADS, lines)
    return capsys.readouterr().out


def by_rich(capsys, width, lines=LINES):
    capsys.readouterr()
    table = tables._table(HEADS)
    for line in lines:
        table.add_row(*map(Text, line))
    Console(width=width).print(table)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [29, 30, 80])
def test_lines_that_fit_read_as_rich_would_print_them(capsys, width):
    assert printed(capsys, width) == by_rich(capsys, width)


def test_lines_that_do_not_fit_are_folded(capsys):
    assert printed(capsys, 20) == by_rich(capsys, 20)
    assert len(printed(capsys, 20).splitlines()) > len(LINES) + 1


def test_of_many_lines_none_is_folded(capsys, monkeypatch):
    monkeypatch.setattr(tables, "FOLDED", 1)
    assert printed(capsys, 20) == by_rich(capsys, 80)


@pytest.mark.parametrize("text", ["a\nb", "a\x07b"])
def test_what_would_break_a_line_is_left_to_rich(capsys, text):
    lines = [*LINES, ("00000000", text, "1")]
    assert printed(capsys, 80, lines) == by_rich(capsys, 80, lines)
    assert not re.search("\x07", printed(capsys, 80, lines))


def test_a_label_says_what_was_set_and_a_recipe_that_is_not_the_default():
    assert tables._label("vgg", {"width": 8}, {"epochs": 2}, "strong") == (
        "vgg[width=8] strong epochs=2"
    )
    assert tables._label("vgg", {}, {}, "default") == "vgg"
