import pytest

from harness.errors import DataError, RequestError
from harness.plugins import discover
from harness.runner import find_data


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host that knows the data set `shapes`, and an empty cache."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "shapes.py"
    path.write_text(
        "import numpy as np\n"
        "from harness import DatasetPlugin, hookimpl\n"
        "def load(size=4):\n"
        "    images = np.arange(size * 64, dtype=np.uint8).reshape(size, 8, 8)\n"
        "    split = images, np.arange(size) % 2\n"
        "    return {'train': split, 'valid': split, 'test': split}\n"
        "@hookimpl\n"
        "def harness_datasets():\n"
        "    yield DatasetPlugin(name='shapes', load=load, classes=('a', 'b'), version='1')\n"
    )
    return discover([str(path)])


def test_a_folder_is_opened_where_it_lies(tiny, host):
    folder, splits = find_data(str(tiny), host)
    assert folder == tiny
    assert splits.classes == ("left", "right", "up")


def test_a_name_is_a_data_set_of_a_plugin(host):
    assert len(find_data("shapes", host)[1].train) == 4


def test_a_data_set_takes_arguments(host):
    assert len(find_data("shapes[size=6]", host)[1].train) == 6


def test_no_words_are_the_built_in_data(host, monkeypatch):
    monkeypatch.setattr("harness.runner.data.BUILT_IN", "shapes")
    assert len(find_data("", host)[1].train) == 4


def test_a_folder_goes_before_a_data_set_of_its_name(tiny, host, monkeypatch):
    monkeypatch.chdir(tiny.parent)
    folder, _ = find_data("tiny", host)
    assert str(folder) == "tiny"


def test_a_folder_without_data_says_what_it_lacks(tmp_path, host):
    with pytest.raises(DataError, match=r"lacks train_images\.npy"):
        find_data(str(tmp_path), host)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("no/such", "--data no/such: there is no such folder"),
        ("no\\such", "--data no\\such: there is no such folder"),
        ("shape", "--data shape: there is no such folder, and no data set of that name; unknown"),
        ("shapes[", "cannot read 'shapes['"),
        ("shapes[sise=3]", "data set shapes: unknown argument 'sise'; did you mean 'size'?"),
        ("shapes[size=big]", "data set shapes: argument size must be int like 4, not 'big'"),
    ],
)
def test_words_that_name_no_data_are_one_sentence(words, sentence, host):
    with pytest.raises(RequestError) as caught:
        find_data(words, host)
    assert str(caught.value).startswith(sentence)
