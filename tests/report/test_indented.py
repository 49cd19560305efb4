"""JSON with indents, against the standard library's."""

import json

import pytest

from harness.report import indented
from harness.report.indented import dump_indented


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        'é " \\ \n',
        1e-07,
        None,
        {"a": {}, "b": [], "c": [[]]},
        {"a": [1, 2.5, None, True], "b": {"c": 1e22, "d": float("inf")}, "e": "ü"},
        [[1, 2], [3, [4, {"x, y": [": "]}]]],
        {1: [2], 2.5: {"a": []}, None: [1], False: {"k": [0]}},
        ({"a": (1, 2)}, ()),
    ],
    ids=repr,
)
def test_it_is_what_the_standard_library_writes(value):
    assert dump_indented(value) == json.dumps(value, indent=2, ensure_ascii=False)


def test_without_the_encoder_in_c_it_is_the_same(monkeypatch):
    monkeypatch.setattr(indented, "c_make_encoder", None)
    indented._encoder.cache_clear()
    value = {"a": [1, 2.5, None], "b": {"c": []}}
    assert dump_indented(value) == json.dumps(value, indent=2)
    indented._encoder.cache_clear()


def test_records_are_written_as_the_standard_library_would(eight):
    values = [row.record.model_dump(mode="json") for row in eight.rows]
    assert dump_indented(values) == json.dumps(values, indent=2, ensure_ascii=False)
