"""The columns of a Parquet file of images: which hold images and labels, and the classes' names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import DataError

LABELS = ("label", "labels", "class", "emotion", "target", "fine_label")


@dataclass(frozen=True)
class ParquetColumns:
    """Names of the two columns; ``classes`` are those of the labels' numbers, if they are named."""

    image: str
    label: str
    classes: tuple[str, ...] | None


def find_columns(schema: Any, where: str) -> ParquetColumns:  # Any: pyarrow is optional, untyped
    """Find the columns by what hubs write into the schema, else by their types and names.

    Raises `DataError` that lists the columns where there is no such pair, or more than one.
    """
    features = _features(schema.metadata or {})
    images = [name for name in schema.names if _holds_images(schema.field(name).type)]
    named = [name for name in schema.names if _kind(features, name) == "ClassLabel"]
    labels = named or [name for name in schema.names if name.lower() in LABELS]
    for found, what in ((images, "images (bytes and path)"), (labels, "labels (label)")):
        if len(found) != 1:
            raise DataError(
                f"{where} has {len(found) or 'no'} column{'s' * (len(found) != 1)} of {what}, "
                f"expected one, found {', '.join(schema.names)}; write image and label only"
            )
    names = features.get(labels[0], {}).get("names")
    known = tuple(map(str, names)) if isinstance(names, list) and names else None
    return ParquetColumns(images[0], labels[0], known)


def _features(metadata: Mapping[bytes, bytes]) -> Mapping[str, Mapping[str, Any]]:
    """Return what Hugging Face's `datasets` says of each column, if anything."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {name: value for name, value in features.items() if isinstance(value, dict)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _kind(features: Mapping[str, Mapping[str, Any]], name: str) -> Any:
    return features.get(name, {}).get("_type")


def _holds_images(kind: Any) -> bool:
    fields: Sequence[str] = [kind.field(i).name for i in range(kind.num_fields)]
    return "bytes" in fields or str(kind) in ("binary", "large_binary")
