"""The life of one run: build, train, evaluate, save."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from torch import nn

from harness.contract import ModelPlugin
from harness.contract.raised import reason_of
from harness.errors import RunError, StoreError
from harness.evaluate.predict import check_output
from harness.execute.blame import print_trace
from harness.execute.build import (
    build_module,
    check_savable,
    check_smaller_images,
    check_trainable,
    find_plugin,
    open_planned,
    optimizer_of,
    policy_of,
    unsupported,
)
from harness.execute.judge import judge
from harness.execute.records import ended_run, make_run
from harness.execute.reuse import take_over
from harness.execute.teachers import predicted_by_teachers
from harness.measure.cost import count_flops, count_parameters, peak_memory
from harness.schema import Cost, Emit, Epoch, Event, Protocol, RunRecord, RunSpec
from harness.schema.run import NORMALIZATION
from harness.store import Store
from harness.tensors.batches import Batches, load_batches
from harness.tensors.device import Policy
from harness.train.checkpoint import Checkpoints
from harness.train.loop import Listener, train

SECONDS_BETWEEN_BATCHES = 0.2


def execute_run(spec: RunSpec, emit: Emit, *, own_process: bool) -> RunRecord:
    """Execute a run, save what it left, and return its record, whatever happens in it.

    An exception from the plugin on, an exit among them, becomes a record with a reason, its
    traceback goes to standard error. ``own_process`` says that this process does nothing else, so
    that its peak of memory is the run's.
    """
    store = Store(Path(spec.store))
    try:
        with store.lock(spec):
            # Whoever held the lock before may have finished it.
            if record := store.finished(spec):
                return record
            # What cannot be read may be finished by another version: it is nobody's to overwrite.
            if problem := store.problem(spec):
                return ended_run(spec, "failed", problem)
            record = _attempt(spec, store, emit, own_process)
            store.save(record)
            if record.status == "done":
                Checkpoints(store.run_folder(spec)).discard()
    except StoreError as error:
        # Another process has this run, and nothing of it may be overwritten; or nobody may write.
        return ended_run(spec, "failed", str(error))
    return record


def _attempt(spec: RunSpec, store: Store, emit: Emit, own_process: bool) -> RunRecord:
    stage = "starting"

    def enter(name: str) -> None:
        nonlocal stage
        stage = name
        emit(Event(kind="stage", text=name))

    try:
        return _live(spec, store, emit, enter, own_process)
    except KeyboardInterrupt:
        raise
    # A plugin may call sys.exit, and raise what is no Exception, like asyncio's CancelledError.
    except BaseException as error:
        print_trace(error)
        return ended_run(spec, "failed", f"{stage}: {reason_of(error)}")


def _live(
    spec: RunSpec, store: Store, emit: Emit, enter: Callable[[str], None], own_process: bool
) -> RunRecord:
    enter("building the model")
    policy = policy_of(spec)
    model = find_plugin(spec)
    reason = unsupported(model, spec.dataset.input_shape, len(spec.dataset.classes))
    if reason:
        return ended_run(spec, "unsupported", reason)
    module = build_module(model, spec)

    enter("reading the data")
    splits = open_planned(spec)
    batches = load_batches(
        splits,
        policy.torch_device,
        targets=spec.recipe.targets,
        normalize=spec.recipe.normalize,
        teachers=predicted_by_teachers(spec, store),
        teacher_share=spec.recipe.teacher_share,
    )

    enter("trying the model")
    check_output(module, batches["valid"], policy, len(spec.dataset.classes))
    check_trainable(module, spec)
    check_savable(module)
    check_smaller_images(module, spec)

    if spec.weights_of:
        enter("reusing weights")
        reused = take_over(spec, store, module)
        selected = reused.selected_epoch
        memory = reused.cost.peak_memory_bytes if reused.cost else None
    else:
        enter("training")
        selected, worked = _train(module, model, batches, policy, spec, store, emit)
        # Before the evaluation, whose larger batches would raise it. A process that found all
        # epochs finished has not seen the peak.
        memory = peak_memory(policy.torch_device) if own_process and worked else None

    enter("evaluating")
    quality = judge(module, batches, policy, spec, store.run_folder(spec), splits.test.votes)
    return make_run(
        spec,
        "done",
        selected_epoch=selected,
        **quality,
        cost=_cost(module, spec, store.epochs(spec), memory),
        protocol=Protocol(
            pretrained=model.pretrained,
            tta=spec.recipe.tta,
            normalization=NORMALIZATION[spec.recipe.normalize],
        ),
    )


def _train(
    module: nn.Module,
    model: ModelPlugin,
    batches: dict[str, Batches],
    policy: Policy,
    spec: RunSpec,
    store: Store,
    emit: Emit,
) -> tuple[int, bool]:
    """Train, and return the selected epoch and whether this process had anything to train.

    One that takes up a run after its last epoch has not.
    """
    found = 0

    def resumed(count: int) -> None:
        nonlocal found
        found = count
        store.cut_epochs(spec, count)
        if (there := len(store.epochs(spec))) < count:
            raise RunError(
                f"epochs.jsonl has {there} of the {count} epochs that checkpoint.pt has seen; "
                "remove both to train from the start"
            )
        emit(Event(kind="resumed", number=count))

    selected = train(
        module,
        batches,
        spec.recipe,
        policy=policy,
        seed=spec.seed,
        checkpoints=Checkpoints(store.run_folder(spec)),
        listener=_listener(spec, store, emit, resumed),
        loss=model.loss,
        optimizer=optimizer_of(model, module, spec.recipe, policy),
    )
    return selected, found == 0 or len(store.epochs(spec)) > found


def _listener(spec: RunSpec, store: Store, emit: Emit, resumed: Callable[[int], None]) -> Listener:
    def epoch_finished(epoch: Epoch) -> None:
        store.append_epochs(spec, epoch)
        emit(Event(kind="epoch", number=epoch.epoch, epoch=epoch))

    return Listener(resumed=resumed, batch=_rarely(emit), epoch=epoch_finished)


def _rarely(emit: Emit) -> Callable[[int, float], None]:
    """Tell of an epoch's first batch, and then of one in a while: a step may take a millisecond."""
    told = (0, 0.0)

    def batch(number: int, fraction: float) -> None:
        nonlocal told
        now = time.monotonic()
        if number != told[0] or now - told[1] > SECONDS_BETWEEN_BATCHES:
            told = (number, now)
            emit(Event(kind="batch", number=number, fraction=fraction))

    return batch


def _cost(module: nn.Module, spec: RunSpec, epochs: tuple[Epoch, ...], memory: int | None) -> Cost:
    images = spec.dataset.counts["train"]
    rates = [images / epoch.train_seconds for epoch in epochs]
    return Cost(
        parameters=count_parameters(module),
        flops=count_flops(module, spec.dataset.input_shape),
        peak_memory_bytes=memory,
        train_seconds=sum(epoch.train_seconds for epoch in epochs),
        valid_seconds=sum(epoch.valid_seconds for epoch in epochs),
        train_images_per_second_end_to_end=statistics.median(rates) if rates else None,
    )
