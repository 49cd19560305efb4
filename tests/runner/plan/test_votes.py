import dataclasses

import pytest

from harness.data.splits import open_splits
from harness.errors import DataError
from harness.plugins import discover
from harness.runner import Request, Setting, make_specs
from harness.tensors.device import Policy


def test_votes_that_the_data_does_not_have_are_refused_where_the_user_asks_for_them(plan):
    with pytest.raises(DataError, match="data set 'tiny' has none; prepare FER-2013 with"):
        plan("net", options=("targets=labels|votes",))


def test_a_model_that_asks_for_votes_itself_is_planned(plan, tmp_path, plugin_text):
    (tmp_path / "soft.py").write_text(
        plugin_text.replace('"net"', '"soft"')
        .replace('"short"', '"soft2"')
        .replace('aliases=("little",)', 'recipe=Recipe(targets="votes")')
    )
    (run,) = plan("soft", plugins=(tmp_path / "soft.py",)).runs
    assert run.spec.recipe.targets == "votes"


def test_votes_are_part_of_the_key_where_they_are_trained_on(tmp_path, voted, plugin_text):
    def keys(splits):
        (tmp_path / "net.py").write_text(plugin_text)
        options = (str(tmp_path / "net.py"),)
        request = Request(models=("net",), plugins=options, options=("targets=labels|votes",))
        setting = Setting(voted, splits, Policy("cpu", "float32", 1), tmp_path)
        return [spec.key for spec in make_specs(request, discover(options), setting)]

    splits = open_splits(voted)
    before, after = keys(splits), keys(dataclasses.replace(splits, votes_sha256="0" * 64))
    assert before[0] == after[0]
    assert before[1] != after[1]
