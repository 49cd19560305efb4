import re
from html.parser import HTMLParser

import pytest

from harness.report import compare, write_report
from harness.report.table_html import table_html
from harness.report.views import Cell, Head, Line, View

VOID = {"meta", "img", "br", "wbr", "link", "hr", "input"}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.images = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def with_tag(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(written):
    return read(written / "index.html")


def test_the_page_is_well_formed_and_starts_with_its_type(written, page):
    assert (written / "index.html").read_text().startswith("<!DOCTYPE html>")
    assert [tag for tag, _ in page.tags[:2]] == ["html", "head"]


def test_nothing_comes_from_elsewhere(written, page):
    text = (written / "index.html").read_text()
    assert not re.search(r"(?i)https?://|@import|url\(", text)
    assert {tag for tag, _ in page.tags} & {"link", "iframe", "object", "img"} == set()
    assert page.with_tag("script") == [{}]
    for made in (page, *map(read, sorted((written / "runs").glob("*.html"))[:1])):
        metas = made.with_tag("meta")
        [policy] = [m["content"] for m in metas if "Content-Security" in m.get("http-equiv", "")]
        assert policy.startswith("default-src 'none'")


def test_what_plugins_say_is_escaped(written, page):
    text = "".join(page.text)
    assert "the loss is NaN in <b>epoch 3</b> | a_b" in text
    assert "- two & <script>alert(1)</script>" in text
    assert "A <b>plugin's</b> words" in text
    assert (written / "index.html").read_text().count("<script") == 1


def test_labels_read_as_they_are(page):
    assert "vgg[depth=3,width=16]" in "".join(page.text)


def test_the_page_says_who_made_it_when_and_how_to_repeat(page, eight):
    text = "".join(page.text)
    assert "Generated at 2026-01-02 03:04 UTC by harness 0.1.0." in text
    assert all(row.record.command in text for row in eight.rows)


def test_light_dark_phones_and_paper_are_thought_of(written, page):
    text = (written / "index.html").read_text()
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.with_tag(
        "meta"
    )
    assert text.count('<div class="scroll') == text.count("<table")


def test_a_hundred_classes_are_folded_in_the_card(make_entry, tmp_path):
    classes = tuple(f"class {i}" for i in range(100))
    index = write_report(compare([make_entry(classes=classes)]), tmp_path, generated_at="now")
    page = read(index)
    assert len(page.with_tag("details")) == 1
    assert "class 99" in "".join(page.text)


def test_the_best_stands_out_and_failed_rows_do_not(written):
    text = (written / "index.html").read_text()
    rows = re.findall(r'<tr class="(\w+)">(.*?)</tr>', text, re.S)
    assert any("<b>" in row for kind, row in rows if kind == "run")
    assert not any("<b>" in row for kind, row in rows if kind == "unfinished")


def test_the_card_says_in_what_the_rows_differ(page):
    assert "the rows differ" in page.text


def test_real_data_has_no_banner(page):
    assert not [attrs for _, attrs in page.tags if attrs.get("class") == "banner"]


def test_synthetic_data_has_a_banner(make_entry, make_dataset, tmp_path):
    dataset = make_dataset(name="faces", synthetic=True)
    comparison = compare([make_entry(status="failed", dataset=dataset)])
    page = read(write_report(comparison, tmp_path, generated_at="now"))
    assert [attrs for _, attrs in page.tags if attrs.get("class") == "banner"]
    assert any("Synthetic data" in text for text in page.text)


def test_texts_of_a_table_are_escaped():
    odd = "<b>&\"'"
    cell = Cell(odd, note=odd, value=1.5, best=True)
    view = View(odd, odd, (Head(odd, "high", odd, words=True),), (Line(odd, (cell,)),), (odd,))
    markup = table_html(view, {odd: "runs/a&b.html"})
    assert odd not in markup
    assert markup.count("&lt;b&gt;&amp;&#34;&#39;") == 9
    assert 'href="runs/a&amp;b.html"' in markup
    assert 'data-value="1.5"' in markup
