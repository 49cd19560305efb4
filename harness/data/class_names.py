"""Classes by their names: FER-2013's in its own order, whatever people call them; else sorted."""

from collections.abc import Collection, Mapping

from harness.data import published

# Other words for FER-2013's classes, each of which can mean one class only.
SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "scared": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
}


def number_classes(names: Collection[str]) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Return the classes in order, and the number of the class that each of ``names`` means.

    Names that are FER-2013's seven, or other words for them, get its order and spelling. Others
    are sorted: by value if all are numbers, else alphabetically.
    """
    words = {name: canonical(name) for name in names}
    if sorted(words.values()) == sorted(published.CLASSES):
        return published.CLASSES, {name: published.CLASSES.index(words[name]) for name in names}
    numbers = all(name.isdecimal() for name in names)
    classes = tuple(sorted(names, key=lambda name: (int(name) if numbers else 0, name)))
    return classes, {name: label for label, name in enumerate(classes)}


def canonical(name: str) -> str:
    """Return FER-2013's word for a class; other names in lower case."""
    word = name.strip().lower()
    return SYNONYMS.get(word, word)
