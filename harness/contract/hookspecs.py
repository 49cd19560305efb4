"""The hooks: none of them has a body, their contract is in prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.contract.dataset import DatasetPlugin
    from harness.contract.model import ModelPlugin
    from harness.schema import Epoch, RunRecord, RunSpec

hookspec = pluggy.HookspecMarker("harness")
hookimpl = pluggy.HookimplMarker("harness")


@hookspec
def harness_models() -> Iterable[ModelPlugin]:
    """Called as the plugin is loaded, in every process. Return the models that it brings.

    Do not import torch here: ``harness list`` calls this hook and must stay quick. A name that
    two plugins bring is shown for both and can be selected from neither.
    """
    raise NotImplementedError


@hookspec
def harness_datasets() -> Iterable[DatasetPlugin]:
    """Called as the plugin is loaded, in every process. Return the data sets that it brings.

    Their ``load`` is called only when ``--data`` names them and the cache does not hold them.
    """
    raise NotImplementedError


@hookspec
def harness_run_started(spec: RunSpec) -> None:
    """Called in the parent process just before a run is executed (not for reused runs).

    The return value is ignored. An exception is reported as a warning and stops nothing.
    """


@hookspec
def harness_epoch_finished(spec: RunSpec, epoch: Epoch) -> None:
    """Called in the parent process after every epoch, as soon as its numbers are on disk.

    The return value is ignored. An exception is reported as a warning and stops nothing.
    """


@hookspec
def harness_run_finished(record: RunRecord) -> None:
    """Called in the parent process after a run was executed, whatever its status.

    The return value is ignored. An exception is reported as a warning and stops nothing.
    """


@hookspec
def harness_report_sections(records: Sequence[RunRecord]) -> Iterable[tuple[str, str]]:
    """Called when a report is written. Return pairs of a heading and a text in Markdown.

    They are appended to ``report.md`` and, as preformatted text, to ``index.html``, in the order
    of the plugins' names. An exception is reported as a warning and stops nothing.
    """
    raise NotImplementedError
