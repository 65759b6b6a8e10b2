"""What every detector module must have."""

import re

import pytest
from sources import files, module_name

from nineam.diagnose.detectors import DETECTORS

SECTIONS = ["What it is", "Why it hurts", "How it is detected", "How to fix it"]


def codes():
    return [detector.CODE for detector in DETECTORS]


@pytest.mark.parametrize("detector", DETECTORS, ids=codes())
def test_a_detector_has_a_code_a_title_and_detect(detector):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", detector.CODE)
    assert detector.TITLE
    assert callable(detector.detect)


@pytest.mark.parametrize("detector", DETECTORS, ids=codes())
def test_a_detector_explains_itself_in_four_sections(detector):
    docstring = detector.__doc__ or ""
    parts = re.split(r"^## (.+)$", docstring, flags=re.MULTILINE)
    assert parts[1::2] == SECTIONS
    assert all(len(text.split()) >= 10 for text in parts[2::2]), "a section says next to nothing"


def test_no_two_detectors_share_a_code():
    assert len(set(codes())) == len(codes())


def test_every_detector_file_is_registered():
    there = {module_name(file) for file in files("diagnose/detectors")} - {"nineam.diagnose.detectors"}
    assert {detector.__name__ for detector in DETECTORS} == there


def test_a_detector_is_named_after_its_code():
    for detector in DETECTORS:
        assert detector.__name__.rpartition(".")[2] == detector.CODE.replace("-", "_")
