"""Pictures taken apart: their marks, and where these stand."""

import xml.etree.ElementTree as ElementTree

import pytest


class Drawn:
    """The panels of a picture as trees of elements; every one must be well-formed XML."""

    def __init__(self, picture):
        self.picture = picture
        self.panels = [ElementTree.fromstring(str(panel)) for panel in picture.panels]

    def marks(self, panel=0):
        found = [e for e in self.panels[panel].iter("g") if "mark" in e.get("class", "").split()]
        return {mark.get("aria-label"): mark for mark in found}

    def texts(self, panel=0):
        return [element.text for element in self.panels[panel].iter("text")]


@pytest.fixture(scope="session")
def taken_apart():
    return Drawn
