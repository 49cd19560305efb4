"""The class that the majority of annotators chose, by FER+'s own rule, as a label."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from harness.data.arrays import SPLITS
from harness.data.ferplus.table import CLASSES, NAMES
from harness.data.formats.reader import Prepared
from harness.data.votes import VoteCounts

NOBODY = -1
UNKNOWN, NO_FACE = NAMES.index("unknown"), NAMES.index("NF")


def majority(votes: VoteCounts) -> npt.NDArray[np.int64]:
    """Return for each row of ``votes`` ``(N, 10)`` the column with the majority, or `NOBODY`.

    A column with a single vote is an outlier and counts as none; the majority is more than half of
    the votes that are left, so that a tie is none. After the authors' training code (``majority``
    in ``ferplus.py`` of github.com/microsoft/FERPlus).
    """
    heard = np.where(votes > 1, votes, 0).astype(np.int64)
    most = heard.max(axis=1)
    return np.where(2 * most > heard.sum(axis=1), heard.argmax(axis=1), NOBODY)


def relabel(prepared: Prepared) -> Prepared:
    """Return the images whose majority is one of FER+'s eight classes, with these as labels.

    Images without a majority, and those of which it says ``unknown`` or ``NF`` (no face), are left
    out; notes say how many.
    """
    assert prepared.votes is not None  # Only what was joined is labelled anew.
    arrays, counts, files, notes = {}, {}, {}, []
    for split in SPLITS:
        images, _ = prepared.arrays[split]
        votes = prepared.votes.counts[split]
        winners = majority(votes)
        kept = (winners >= 0) & (winners < len(CLASSES))
        arrays[split] = (images[kept], winners[kept])
        counts[split] = votes[kept]
        if prepared.files is not None:
            files[split] = [
                name for name, one in zip(prepared.files[split], kept, strict=True) if one
            ]
        notes.append(_note(split, winners, int(kept.sum())))
    return replace(
        prepared,
        arrays=arrays,
        classes=CLASSES,
        source=prepared.source.model_copy(
            update={"form": f"{prepared.source.form} with FER+ labels"}
        ),
        votes=replace(prepared.votes, counts=counts),
        files=files or None,
        notes=(*prepared.notes, *notes),
    )


def _note(split: str, winners: npt.NDArray[np.int64], kept: int) -> str:
    out = {
        "without a majority": NOBODY,
        "unknown": UNKNOWN,
        "no face": NO_FACE,
    }
    listed = ", ".join(f"{int((winners == place).sum())} {word}" for word, place in out.items())
    return (
        f"{split}: labels are the votes' majorities on {kept} of {len(winners)} images; left out "
        f"are {len(winners) - kept} ({listed})"
    )
