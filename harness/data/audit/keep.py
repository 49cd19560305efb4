"""Where an audit is kept: beside its data, else in the user's cache; whole, or not at all."""

import contextlib
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from harness.data.audit.clean import CLEAN_TEST, read_clean
from harness.data.audit.findings import VERSION
from harness.data.cache import user_cache
from harness.data.writing import foreign_audit
from harness.errors import DataError
from harness.files import replace, whole
from harness.schema import Audit

AUDIT = "audit.json"


def places(folder: Path, fingerprint: str) -> tuple[Path, Path]:
    """Return the folders in which the audit of the data in ``folder`` may lie."""
    return folder, user_cache() / "audits" / fingerprint[:32]


def read_audit(folder: Path, fingerprint: str) -> tuple[Audit, Path] | None:
    """Return the audit of this very data by this very method, and its folder, if there is one."""
    for place in places(folder, fingerprint):
        # Whatever of ours is damaged, of other data or by an older method is made again.
        with contextlib.suppress(OSError, ValidationError, DataError):
            audit = Audit.model_validate_json((place / AUDIT).read_bytes())
            if (audit.version, audit.fingerprint) == (VERSION, fingerprint):
                read_clean(place, audit.card)
                return audit, place
    return None


def write_audit(folder: Path, audit: Audit, clean: NDArray[np.int64]) -> Path:
    """Write an audit and return the folder it came to: no file of the user's is replaced.

    Raises `DataError` where none can be.
    """
    beside, cached = places(folder, audit.fingerprint)
    if not foreign_audit(beside) and _writable(beside):
        with contextlib.suppress(OSError):
            return _write(beside, audit, clean)
    try:
        cached.mkdir(parents=True, exist_ok=True)
        return _write(cached, audit, clean)
    except OSError as error:
        raise DataError(
            f"cannot write an audit beside the data nor to {cached} ({error.strerror or error}); "
            "set HARNESS_CACHE to a folder that can be written"
        ) from error


def why_elsewhere(folder: Path) -> str:
    """Say why an audit of the data in ``folder`` is not kept there."""
    if foreign := foreign_audit(folder):
        return (
            f"the data's folder holds other files by an audit's names ({', '.join(foreign)}; move "
            "them to have it there)"
        )
    if _writable(folder):
        return "it was made when it could not be kept beside the data (--force makes it there)"
    return "the data's folder cannot be written"


def _writable(folder: Path) -> bool:
    """Whether the folder may be written to: whoever took its mode's write bits away meant root."""
    return bool(folder.stat().st_mode & 0o222) and os.access(folder, os.W_OK)


def _write(folder: Path, audit: Audit, clean: NDArray[np.int64]) -> Path:
    """Write both files, ``audit.json`` last: it says which list of clean images is its own."""
    with whole(folder / CLEAN_TEST) as draft, draft.open("wb") as file:
        np.save(file, clean, allow_pickle=False)
    replace(folder / AUDIT, audit.to_json().encode())
    return folder
