"""Mathematics of the book as MathML, which browsers draw by themselves.

The converter's output is not trusted: it copies ``\\text{<script>}``, ``\\href`` and ``\\style``
through. So only elements and attributes on the lists below are written, all text escaped.
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

ELEMENTS = """
    math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace
    msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
"""
ATTRIBUTES = """
    accent accentunder columnalign columnlines columnspacing depth display displaystyle fence
    form height linethickness lspace mathvariant maxsize minsize movablelimits rowlines
    rowspacing rspace scriptlevel separator stretchy symmetric voffset width xmlns
"""
LONGEST = 5_000
"""Characters of TeX; the converter takes a second for ten times as many."""
REWRITTEN = (
    (re.compile(r"\\(begin|end)\{aligned\}"), r"\\\1{align*}"),
    (re.compile(r"\\(?:operatorname\*?|mathsf)\{"), r"\\mathrm{"),
    (re.compile(r"\\mathsf\b"), r"\\mathrm"),
)
"""What the converter or browsers lack, in words that they have."""


def mathml(tex: str, display: bool) -> str:
    """HTML for a formula: ``<math>`` with its TeX as ``alttext``, or the TeX in ``<code>`` if it
    cannot be converted or is very long."""
    if len(tex) > LONGEST:
        return _source(tex)
    try:
        root = convert_to_element(_rewrite(tex), display="block" if display else "inline")
    except Exception:  # noqa: BLE001 - malformed TeX raises whatever it hits, often IndexError
        return _source(tex)
    if not all(map(_tidy, root.iter())):
        return _source(tex)
    root.set("alttext", tex.strip())
    return tostring(root, encoding="unicode", short_empty_elements=False)


def _rewrite(tex: str) -> str:
    for pattern, replacement in REWRITTEN:
        tex = pattern.sub(replacement, tex)
    return tex


def _tidy(element: Element) -> bool:
    """Drop what is not on the lists; false if the element itself is not, or was not understood."""
    for name in element.attrib.keys() - ATTRIBUTES.split():
        del element.attrib[name]
    # The converter writes symbols as character references, to be unescaped after serialising.
    element.text = html.unescape(element.text or "")
    if element.tag == "mrow" and [(c.tag, c.text) for c in element] == [("mo", "&#x0002C;")]:
        element[0].tag = "mtext"  # A comma in braces, as in 16{,}384, takes no space after it.
    is_unknown_command = element.tag == "mi" and re.match(r"\\[A-Za-z]", element.text)
    return element.tag in ELEMENTS.split() and not is_unknown_command


def _source(tex: str) -> str:
    return f'<code class="tex">{html.escape(tex.strip())}</code>'
