"""Elements of SVG as strings: everything that reaches an attribute or a text is escaped here."""

from html import escape

from markupsafe import Markup


def element(name: str, body: str = "", /, **attributes: str | float) -> str:
    """One element; an underscore in an attribute's name stands for a hyphen, a trailing one is dropped.

    `body` is markup, not text: pass text through `text`.
    """
    written = "".join(f' {_attribute(key)}="{escape(_value(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def text(content: str, x: float, y: float, **attributes: str | float) -> str:
    """Return a text at a point."""
    return element("text", escape(content), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: str | float) -> str:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def titled(body: str, title: str) -> str:
    """Return a group with a tooltip."""
    return element("g", element("title", escape(title)) + body)


def picture(width: float, height: float, body: str, label: str, **attributes: str | float) -> Markup:
    """Return a whole image, named for screen readers by `label`, ready for a template."""
    size = f"0 0 {_value(width)} {_value(height)}"
    # every part of `body` went through `element` or `text`, which escape
    return Markup(element("svg", body, viewBox=size, role="img", aria_label=label, **attributes))  # noqa: S704


def _attribute(name: str) -> str:
    return name.removesuffix("_").replace("_", "-") if name != "viewBox" else name


def _value(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
