import pytest


@pytest.fixture
def trained(store, make_spec, record):
    """Save a run with weights, and look for it from one that trains alike."""

    def look(damage=None, key="c" * 64, **changes):
        made = record(**({"key": "b" * 64, "train_key": "t", "seed": 4} | changes))
        folder = store.save(made)
        (folder / "model.safetensors").touch()
        if damage:
            damage(folder)
        spec = make_spec(key=key, train_key="t", seed=4)
        found = list(store.trained_alike(spec, store.of_model_and_seed(spec)))
        assert found in ([], [made])
        return bool(found)

    return look


def test_a_run_of_the_same_training_is_found(trained):
    assert trained()


def test_a_plain_run_of_before_is_found_by_its_key(store, make_spec, record):
    (store.save(record(key="b" * 64)) / "model.safetensors").touch()
    spec = make_spec(key="c" * 64, train_key="b" * 64)
    (found,) = store.trained_alike(spec, store.of_model_and_seed(spec))
    assert found.key == "b" * 64


@pytest.mark.parametrize(
    "changes",
    [{"train_key": "u"}, {"seed": 5}, {"model": "other"}, {"data": "other"}, {"status": "failed"}],
    ids=str,
)
def test_what_was_not_trained_alike_is_not_taken(trained, changes):
    assert not trained(**changes)


def test_a_run_is_not_its_own_donor(trained):
    assert not trained(key="b" * 64)


@pytest.mark.parametrize("name", ["record.json", "model.safetensors"])
def test_what_lacks_its_record_or_weights_is_not_taken(trained, name):
    assert not trained(lambda folder: (folder / name).unlink())


def test_what_has_a_damaged_record_is_not_taken(trained):
    assert not trained(lambda folder: (folder / "record.json").write_text("{"))


def test_a_copy_of_a_run_in_a_folder_of_another_name_is_not_taken(trained):
    assert not trained(lambda folder: folder.rename(folder.with_name(f"{folder.name}.bak")))
