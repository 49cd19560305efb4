"""The runs that a recipe learns from, found in the store by the beginnings of their keys."""

from pathlib import Path

from harness.data.splits import Splits
from harness.errors import RequestError, StoreError
from harness.evaluate.predictions import TRAINING, read_training
from harness.schema import Recipe, RunRecord
from harness.store import Store

DIGITS = 12  # Of a key: as many as its folder's name has.


def with_teachers(recipe: Recipe, store: Store, splits: Splits) -> Recipe:
    """Return the recipe with each teacher by twelve digits of its key, sorted and each once.

    So it is one recipe, with one key, however the teachers were written. Raises `RequestError` for
    one that is not there, not finished, of other data, or without what it predicts.
    """
    if not recipe.teachers:
        return recipe
    keys = {_find(start, store, splits) for start in recipe.teachers.split("+")}
    return recipe.model_copy(update={"teachers": "+".join(sorted(keys))})


def _find(start: str, store: Store, splits: Splits) -> str:
    where = f"-o teachers: {start}"
    records: dict[str, tuple[Path, RunRecord]] = {}
    for folder in store.folders_of_key(start, TRAINING):
        record = _read(store, folder)
        if record and record.key.startswith(start):
            records.setdefault(record.key, (folder, record))
    if not records:
        raise RequestError(
            f"{where} begins no key of a run in {store.root}; see `harness runs list`"
        )
    if len(records) > 1:
        listed = ", ".join(key[:DIGITS] for key in sorted(records)[:5])
        raise RequestError(f"{where} begins the keys of {len(records)} runs: {listed}")
    [(folder, record)] = records.values()
    if record.status != "done":
        raise RequestError(f"{where} is {record.status}, expected a run that is done")
    if record.dataset.fingerprint != splits.fingerprint:
        raise RequestError(
            f"{where} was made on other data ({record.dataset.name}, fingerprint "
            f"{record.dataset.fingerprint[:8]}) than this ({splits.name}, "
            f"{splits.fingerprint[:8]}); who learns from it needs the same images"
        )
    try:
        read_training(folder, (len(splits.train), splits.num_classes))
    except StoreError as error:
        raise RequestError(f"{where}: {error}") from error
    return record.key[:DIGITS]


def _read(store: Store, folder: Path) -> RunRecord | None:
    try:
        return store.record(folder)
    except StoreError:
        return None
