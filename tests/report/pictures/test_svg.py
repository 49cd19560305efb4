import pytest
from markupsafe import Markup

from harness.report.pictures import svg
from harness.report.pictures.scales import Scale


def test_what_users_name_is_escaped_in_texts_and_attributes():
    made = svg.mark('<b> & "c"', svg.label("<i>", 1.0, 2.0))
    assert "<b>" not in made
    assert "<i>" not in made
    assert 'aria-label="&lt;b&gt; &amp; &#34;c&#34;"' in made


def test_attributes_are_named_as_in_svg_and_none_is_left_out():
    made = svg.tag("line", class_="grid", stroke_width=2, viewBox="0 0 1 1", id=None)
    assert made == Markup('<line class="grid" stroke-width="2" viewBox="0 0 1 1"></line>')


def test_a_form_is_filled_to_what_its_tags_would_make():
    def made(text, x):
        return svg.mark(f"100 % {text}", svg.tag("rect", x=x))

    form = svg.form(made(svg.BLANK, svg.BLANK))
    assert svg.fill(form, "5 %", "5 %", svg.number(2.25)) == made("5 %", 2.25)
    assert isinstance(svg.fill(form, "a", "a", "1"), Markup)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (-1.0, "-1"), (100.0, "100")]
)
def test_coordinates_are_short(value, text):
    assert svg.number(value) == text


def test_28_configurations_differ_by_colour_or_sign():
    looks = {(svg.colour(i), str(svg.sign(i, 0.0, 0.0))[:40], svg.dash(i)) for i in range(28)}
    assert len(looks) == 28
    # Neighbours by more than their colour.
    assert len({str(svg.sign(i, 0.0, 0.0))[:40] for i in range(4)}) == 4


def test_a_long_text_is_cut():
    assert svg.shortened("abcdef", 6) == "abcdef"
    assert svg.shortened("abcdefg", 6) == "abcde…"


def test_the_ends_of_a_scale_tell_every_value_on_it():
    """As the page reads them: a pixel less that of 0, over what there is from 0 to 1."""
    epochs = Scale(-19.0, 2020.0, 58.0, 546.0, ())
    zero, one = map(float, svg.ends(epochs).split())
    points = svg.path([(epochs(epoch), 1.0) for epoch in range(1, 2001)]).split()
    told = [round((float(p.split(",")[0]) - zero) / (one - zero)) for p in points]
    assert told == list(range(1, 2001))
    losses = Scale(0.0, 1e6, 282.0, 14.0, ())
    zero, one = map(float, svg.ends(losses).split())
    assert (losses(1e5) - zero) / (one - zero) == pytest.approx(1e5, rel=1e-6)
