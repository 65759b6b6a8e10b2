"""The outputs of `nineam payloads`: pure functions of its document, by the name of the option."""

from collections.abc import Callable
from xml.etree import ElementTree

import msgspec

from nineam.model.payloads import Broken, PayloadsDocument
from nineam.report import payload_view as view
from nineam.report.clean import map_strings, one_line
from nineam.report.html import environment
from nineam.report.junit import legal
from nineam.report.markdown import block, escape
from nineam.visible import visible

LONGEST_NAME = 300


def clean(document: PayloadsDocument) -> PayloadsDocument:
    """Return the same document with every string made harmless to look at."""
    return msgspec.convert(map_strings(msgspec.to_builtins(document), visible), PayloadsDocument)


def render_json(document: PayloadsDocument) -> str:
    """Return the document as JSON, ending in a newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def render_html(document: PayloadsDocument) -> str:
    """Return the document as a page that opens offline: no request, no script."""
    document = clean(document)
    return environment().get_template("payloads.html").render(document=document, view=view)


def render_markdown(document: PayloadsDocument) -> str:
    """GitHub-flavoured Markdown ending in a newline; what comes from the application is escaped."""
    document = clean(document)
    shown = document.failures[: view.MOST_SHOWN]
    left = len(document.failures) - len(shown)
    missing = "".join(f"- {escape(one_line(text, LONGEST_NAME))}\n" for text in view.not_tested(document))
    parts = (
        f"## {escape(document.verdict.sentence)}",
        escape(view.beside(document.beside_load)) if document.beside_load else "",
        *(_failure(number, each) for number, each in enumerate(shown, 1)),
        f"and {left} more" if left > 0 else "",
        f"### Not tested, or not sure\n\n{missing}".rstrip("\n") if missing else "",
        f"<sub>seed {document.seed}; the same again: {escape(view.again(document))}</sub>",
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def render_junit(document: PayloadsDocument) -> str:
    """JUnit XML ending in a newline: a case for each failure, and one for each endpoint that stood.

    An endpoint of which nothing can be said, and a request that failed once only, are skipped.
    """
    document = clean(document)
    suite = ElementTree.Element("testsuite", name="payloads", timestamp=legal(document.started))
    suite.extend(_failed(each) for each in document.failures)
    suite.extend(_stood(document))
    suite.extend(_skipped(document))
    suite.extend(_beside(document))
    root = ElementTree.Element("testsuites", name="nineam", time=f"{document.seconds:.3f}")
    root.append(suite)
    for element in (root, suite):
        element.set("tests", str(len(suite)))
        element.set("errors", "0")
        for name, tag in (("failures", "failure"), ("skipped", "skipped")):
            element.set(name, str(sum(case.find(tag) is not None for case in suite)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _failure(number: int, failure: Broken) -> str:
    lines = [f"**{number}. {escape(one_line(view.heading(failure), LONGEST_NAME))}**"]
    known = (
        one_line(failure.exception, LONGEST_NAME),
        view.place(failure),
        view.seen(failure),
        f"{view.size(failure)}:",
    )
    return "  \n".join([*lines, *(escape(text) for text in known if text)]) + "\n\n" + block("sh", failure.curl)


def _failed(failure: Broken) -> ElementTree.Element:
    case = _case(f"{failure.endpoint}: {failure.what}")
    message = "; ".join(text for text in (view.heading(failure), failure.exception) if text)
    mark = ElementTree.SubElement(case, "failure", message=legal(one_line(message)))
    told = (view.place(failure), view.seen(failure), f"{view.size(failure)}:", failure.curl)
    mark.text = legal("\n".join(text for text in told if text))
    return case


def _stood(document: PayloadsDocument) -> list[ElementTree.Element]:
    spoken_of = {each.endpoint for each in document.failures} | {*document.broken_anyhow, *document.refused}
    return [_case(name) for name in document.endpoints if name not in spoken_of]


def _skipped(document: PayloadsDocument) -> list[ElementTree.Element]:
    told = [(name, "its ordinary request fails too") for name in document.broken_anyhow]
    told += [(name, f"its ordinary request is refused ({status})") for name, status in document.refused.items()]
    told += [(f"{each.endpoint}: {each.what}", f"{each.answer}, but not again") for each in document.unsteady]
    told += [("what was not sent", text) for text in document.not_sent]
    if not document.sent and not told:
        told = [("hostile requests", document.verdict.sentence)]
    cases = []
    for name, message in told:
        cases.append(_case(name))
        ElementTree.SubElement(cases[-1], "skipped", message=legal(one_line(message)))
    return cases


def _beside(document: PayloadsDocument) -> list[ElementTree.Element]:
    if document.beside_load is None:
        return []
    case = _case("ordinary requests beside hostile ones")
    words = legal(view.beside(document.beside_load))
    if document.beside_load.harmed:
        ElementTree.SubElement(case, "failure", message=words)
    else:
        ElementTree.SubElement(case, "system-out").text = words
    return [case]


def _case(name: str) -> ElementTree.Element:
    return ElementTree.Element(
        "testcase", classname="nineam.payloads", name=legal(one_line(name, LONGEST_NAME)), time="0.000"
    )


FORMATS: dict[str, Callable[[PayloadsDocument], str]] = {
    "json": render_json,
    "html": render_html,
    "junit": render_junit,
    "markdown": render_markdown,
}
