"""The run as JUnit XML: every threshold, check and finding is a test case."""

import re
from xml.etree import ElementTree

from nineam.model import CheckResult, Finding, RunDocument, ThresholdResult
from nineam.report import k6_numbers, numbers, view
from nineam.report.clean import clean, one_line
from nineam.report.evidence import evidence_line
from nineam.report.k6_summary import threshold_value

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(document: RunDocument) -> str:
    """JUnit XML ending in a newline.

    Only a threshold or check that did not hold fails, so that the file and the exit code agree. A finding is a
    skipped case with a message, as pytest writes an expected failure: seen, and not held against anybody. A run
    that the generator limited is an error.
    """
    document = clean(document)
    root = ElementTree.Element("testsuites", name="nineam", time=f"{document.seconds:.3f}")
    _suite(root, "run", document, [_generator_case(document)])
    _suite(root, "thresholds", document, [_threshold_case(threshold) for threshold in document.thresholds])
    _suite(root, "checks", document, [_check_case(check) for check in document.checks])
    _suite(root, "findings", document, [_finding_case(finding) for finding in document.findings])
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def legal(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return _ILLEGAL.sub("", text)


def _suite(root: ElementTree.Element, name: str, document: RunDocument, cases: list[ElementTree.Element]) -> None:
    if not cases:
        return
    suite = ElementTree.SubElement(root, "testsuite", name=name, timestamp=legal(document.started))
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.extend(cases)


def _case(suite: str, name: str, seconds: float = 0.0) -> ElementTree.Element:
    time = f"{seconds if numbers.is_known(seconds) else 0.0:.3f}"
    return ElementTree.Element("testcase", classname=f"nineam.{suite}", name=legal(one_line(name, 300)), time=time)


def _mark(case: ElementTree.Element, kind: str, message: str, body: str = "") -> ElementTree.Element:
    mark = ElementTree.SubElement(case, kind, message=legal(one_line(message)))
    mark.text = legal(body) or None
    return case


def _generator_case(document: RunDocument) -> ElementTree.Element:
    case = _case("run", "the measurement is trustworthy", document.seconds)
    warnings = view.warnings(document)
    if warnings:
        return _mark(case, "error", warnings[0], "\n".join(warnings))
    ElementTree.SubElement(case, "system-out").text = legal(view.headline(document))
    return case


def _threshold_case(threshold: ThresholdResult) -> ElementTree.Element:
    case = _case("thresholds", f"{threshold.metric}: {threshold.source}")
    return case if threshold.ok else _mark(case, "failure", f"measured {threshold_value(threshold)}")


def _check_case(check: CheckResult) -> ElementTree.Element:
    case = _case("checks", check.name)
    total = check.passes + check.fails
    if not check.fails:
        return case
    held = k6_numbers.percentage(check.passes / total)
    return _mark(case, "failure", f"held {held} of the time: {check.fails} of {total} failed")


def _finding_case(finding: Finding) -> ElementTree.Element:
    case = _case("findings", f"{finding.code} {finding.endpoint} {finding.where}", finding.ms_per_request / 1000)
    place = finding.where + (f" in {finding.function}" if finding.function else "")
    share = f"{numbers.percent(finding.share)} of {finding.endpoint} ({finding.kind})"
    parts = (place, share, evidence_line(finding.evidence), finding.statement, f"fix: {finding.fix}")
    body = "\n".join(part for part in parts if part)
    mark = ElementTree.SubElement(case, "skipped", type="nineam.finding", message=legal(one_line(finding.title)))
    mark.text = legal(body)
    return case
