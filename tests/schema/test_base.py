import json

import pytest
from pydantic import Field, ValidationError

from harness import schema
from harness.schema import Document, Frozen, Recipe, explain
from harness.schema.base import LONGEST_FOUND


class Point(Frozen):
    x: float
    y: float = 0.0


class Line(Frozen):
    points: tuple[Point, ...]


class Paper(Document):
    title: str = Field(default="", max_length=5)


def refusal(call, *arguments, **values):
    with pytest.raises(ValidationError) as caught:
        call(*arguments, **values)
    return explain(caught.value)


def test_every_name_that_is_exported_can_be_had():
    found = [getattr(schema, name) for name in schema.__all__]
    assert len(found) == len(set(schema.__all__)) == len(schema._EXPORTS)
    assert schema.Recipe is Recipe


def test_a_name_that_is_not_exported_is_told():
    with pytest.raises(AttributeError, match=r"'harness\.schema' has no attribute 'Recipes'"):
        schema.Recipes  # noqa: B018 - it is the reading that raises


def test_a_value_cannot_be_changed():
    point = Point(x=1)
    with pytest.raises(ValidationError, match="frozen"):
        point.x = 2


def test_a_field_that_is_not_known_is_refused():
    assert refusal(Point, x=1, z=3) == "z: extra inputs are not permitted (found 3)"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_cannot_hold_are_refused(number):
    assert refusal(Point, x=number) == f"x: input should be a finite number (found {number})"


def test_a_field_that_is_missing_is_named_without_the_rest():
    assert refusal(Point, y=1) == "x: field required"


def test_the_place_of_a_nested_value_is_a_path():
    sentence = refusal(Line, points=[{"x": 1}, {"x": "far"}])
    assert sentence.startswith("points.1.x: input should be a valid number")


def test_several_mistakes_stand_in_one_line():
    sentence = refusal(Point, x="a", y="b")
    assert "; y: " in sentence
    assert "\n" not in sentence


def test_a_damaged_file_is_not_printed_in_full():
    sentence = refusal(Paper.model_validate_json, '{"title": "' + "long " * 1000)
    assert sentence.startswith("invalid JSON: ")
    assert sentence.endswith("…)")
    assert len(sentence) < LONGEST_FOUND + 100


def test_what_was_found_never_breaks_the_line():
    class Odd:
        def __repr__(self):
            return "first\n  second"

    assert refusal(Point, x=Odd()).endswith("(found first second)")


def test_a_document_writes_its_version_as_schema_and_ends_its_last_line():
    text = Paper(title="a").to_json()
    assert json.loads(text) == {"schema": 1, "title": "a"}
    assert text.endswith("}\n")


def test_a_document_reads_what_it_wrote():
    paper = Paper(title="a")
    assert Paper.model_validate_json(paper.to_json()) == paper


def test_a_document_may_be_made_with_the_name_of_its_field():
    assert Paper(schema_version=1) == Paper()


@pytest.mark.parametrize("version", [0, 2])
def test_a_document_of_another_version_is_refused(version):
    sentence = refusal(Paper.model_validate, {"schema": version})
    assert sentence.startswith("schema: input should be ")
    assert sentence.endswith(f"(found {version})")


def test_a_written_value_names_the_nearest_field():
    sentence = refusal(Recipe, epoch=5)
    assert sentence.startswith("unknown field 'epoch'; did you mean 'epochs'? valid: augment, ")
    assert "(found" not in sentence


def test_all_that_the_room_offers_is_there():
    assert all(hasattr(schema, name) for name in schema.__all__)
