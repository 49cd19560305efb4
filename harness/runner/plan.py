"""Which runs are made, which are reused, and why, by what the store holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.measure.environment import environment
from harness.plugins import Host
from harness.runner.command import model_words
from harness.runner.keys import common_parts, run_key
from harness.runner.reassess import outdated
from harness.schema import PluginCard, RunRecord, RunSpec
from harness.store import Store


@dataclass(frozen=True)
class Planned:
    """A run, its stored record if that is final, and why it is made or reused."""

    spec: RunSpec
    stored: RunRecord | None
    why: str


@dataclass(frozen=True)
class Plan:
    """All runs of a request, and what of it cannot even be planned, with the reasons."""

    runs: tuple[Planned, ...]
    broken: tuple[tuple[str, str], ...] = ()


class Beside:
    """The records of each model and seed, read once: a grid has many runs of one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[tuple[Path, int], Sequence[tuple[Path, RunRecord]]] = {}

    def of(self, spec: RunSpec) -> Sequence[tuple[Path, RunRecord]]:
        """Return the readable records of this model and seed on this data, and their folders."""
        place = self._store.run_folder(spec).parent, spec.seed
        if place not in self._read:
            self._read[place] = tuple(self._store.of_model_and_seed(spec))
        return self._read[place]


def make_plan(
    specs: Iterable[RunSpec],
    store: Store,
    *,
    force: bool = False,
    broken: Iterable[tuple[str, str]] = (),
) -> Plan:
    """Plan runs by what the store holds; ``broken`` is what could not even be specified."""
    beside, runs, damaged = Beside(store), [], []
    for spec in specs:
        # What is there and cannot be read may be of a later version, and is not to be overwritten.
        if not force and (problem := store.problem(spec)):
            damaged.append((f"{model_words(spec.model, spec.arguments)} seed {spec.seed}", problem))
        else:
            runs.append(plan_run(spec, store, force, beside))
    return Plan(tuple(runs), (*broken, *damaged))


def find_broken(host: Host, every: bool) -> tuple[tuple[str, str], ...]:
    """Return what was asked for and cannot be had: a name, and the reason.

    ``-p`` asks for one plugin, ``--all`` for every one and for every model.
    """
    failed = [
        (f"plugin {plugin.name}", plugin.error or "")
        for plugin in host.failed
        if every or plugin.option
    ]
    conflicts = [
        (f"model {name}", f"brought by {' and '.join(owners)}; drop one")
        for name, owners in host.conflicts().items()
    ]
    return (*failed, *(conflicts if every else ()))


def plan_run(spec: RunSpec, store: Store, force: bool, beside: Beside | None = None) -> Planned:
    """Return whether a run is made, reused or gone on with, and why, by what the store holds."""
    beside = beside or Beside(store)
    if force:
        return Planned(spec, None, "made again (--force)")
    if stored := store.finished(spec):
        why = f"reused: {stored.status} at {stored.finished_at}"
        again = ", assessed by the new audit of its data" if outdated(spec, stored) else ""
        return Planned(spec, stored, why + again)
    reusing = reuse_weights(spec, store, beside)
    if reusing:
        return reusing
    if store.checkpointed(spec):
        epochs = len(store.epochs(spec))
        return Planned(spec, None, f"resumed after {epochs} of {spec.recipe.epochs} epochs")
    if stored := store.find(spec):
        return Planned(spec, None, f"tried again: {stored.status} before")
    return Planned(spec, None, "new" + _but_for(spec, beside))


def _but_for(spec: RunSpec, beside: Beside) -> str:
    """Say that a finished run differs in its threads or its plugin's code alone, if one does."""
    for _, record in beside.of(spec):
        if record.status != "done":
            continue
        threads, other = record.threads, record.plugin.sha256 != spec.plugin.sha256
        # Keys are costly, and of a grid there are as many records as runs.
        if threads != spec.threads and record.key == _key(spec, spec.plugin, threads):
            return f": the one that is there had --threads {threads}"
        if other and record.key == _key(spec, record.plugin, spec.threads):
            return ": the one that is there was made by other code of its plugin"
    return ""


def _key(spec: RunSpec, plugin: PluginCard, threads: int) -> str:
    """Return the key that the run would have with this plugin and number of threads."""
    common = common_parts(
        plugin,
        spec.model,
        spec.arguments,
        spec.recipe,
        device=spec.device,
        precision=spec.precision,
        threads=threads,
        votes=spec.dataset.votes_sha256,
        own_optimizer=spec.own_optimizer,
    )
    return run_key(common, spec.dataset.fingerprint, spec.seed)


def reuse_weights(spec: RunSpec, store: Store, beside: Beside | None = None) -> Planned | None:
    """Plan to take over the weights of a run on this machine that trained alike, if there is one.

    One from another machine would bring its times of training along.
    """
    records = (beside or Beside(store)).of(spec) if spec.recipe.epochs else ()
    for other in store.trained_alike(spec, records):
        here = environment(spec.device).machine
        if other.environment is not None and other.environment.machine == here:
            taking = spec.model_copy(update={"weights_of": other.key})
            return Planned(taking, None, f"weights reused from {other.seed}-{other.key[:12]}")
    return None
