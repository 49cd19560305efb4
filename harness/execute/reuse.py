"""A run that trains alike has trained already: its weights and epochs are taken over."""

from torch import nn

from harness.errors import RunError
from harness.schema import RunRecord, RunSpec
from harness.store import Store
from harness.train.checkpoint import Checkpoints


def take_over(spec: RunSpec, store: Store, module: nn.Module) -> RunRecord:
    """Leave ``module`` and the run's folder as training would have; return whose they were.

    Raises `RunError` where the other run is no longer there, no longer finished, or not the same
    any more when all is copied.
    """
    # Both lie side by side: they differ by what is done after training.
    source = spec.model_copy(update={"key": spec.weights_of})
    record = store.find(source)
    if record is None:
        raise RunError(f"the run {source.key[:12]}, whose weights were to be reused, has gone")
    if record.status != "done":
        raise RunError(
            f"the run {source.key[:12]}, whose weights were to be reused, is {record.status} by now"
        )
    Checkpoints(store.run_folder(source)).load_best(module)
    Checkpoints(store.run_folder(spec)).save_best(module)
    store.cut_epochs(spec, 0)
    store.append_epochs(spec, *store.epochs(source))
    # Another process may have made it again meanwhile, and what was copied be of two trainings.
    if store.find(source) != record:
        raise RunError(
            f"the run {source.key[:12]}, whose weights were to be reused, was changed meanwhile"
        )
    return record
