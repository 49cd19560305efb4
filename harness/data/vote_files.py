"""The votes that lie beside a data set's images, opened and checked against the manifest."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harness.data.arrays import SPLITS, open_array
from harness.data.votes import FILES, VoteCounts, check_votes
from harness.data.writing import MANIFEST, file_sha256
from harness.errors import DataError
from harness.schema import VoteFiles

ADVICE = f"prepare the data set again, or remove {MANIFEST} to use the six files without votes"


def open_votes(
    folder: Path, files: VoteFiles, images: Mapping[str, int]
) -> tuple[dict[str, VoteCounts], str]:
    """Return the votes of each split, and a SHA-256 of them with their names.

    ``images`` counts the images of each split. Raises `DataError` where a file is missing, damaged,
    of another shape, or not what the manifest says.
    """
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise DataError(f"{folder} lacks {', '.join(missing)}, which {MANIFEST} names; {ADVICE}")
    votes = {}
    for split, file in zip(SPLITS, FILES, strict=True):
        counts = open_array(folder / file)
        check_votes(f"{folder}: {file}", counts, images[split], files.names)
        votes[split] = np.array(counts)
    sha256 = {file: file_sha256(folder / file) for file in FILES}
    changed = [file for file in FILES if files.sha256.get(file) != sha256[file]]
    if changed:
        raise DataError(
            f"{folder}: {', '.join(changed)} changed since the votes of {files.source.name} were "
            f"joined (its SHA-256 is not the one in {MANIFEST}); {ADVICE}"
        )
    parts = [[sha256[file] for file in FILES], list(files.names)]
    return votes, hashlib.sha256(json.dumps(parts).encode()).hexdigest()
