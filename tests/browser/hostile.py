"""Answers as no honest model writes them. Each must be shown as text, and nothing of it may run.

What would run sets `window.hit`, opens a dialog, or asks `evil.example` for something.
"""

# ruff: noqa: E501 - one answer, one line

from __future__ import annotations

LONG = 200_000
DEEP = 5_000
RUN = "window.hit=1;alert(1)"
FAR = "https://evil.example/x"


def _deep(before: str, middle: str = "x", after: str = "", times: int = DEEP) -> str:
    return before * times + middle + after * times


HOSTILE: list[tuple[str, str]] = [
    ("script", f"<script>{RUN}</script>\n\n<SCRIPT src={FAR}></SCRIPT>"),
    ("script in two", f"a <scr<script>ipt>{RUN}</scr</script>ipt> b"),
    ("image", f'<img src=x onerror="{RUN}"> <img src="{FAR}.png">'),
    ("svg", f'<svg onload="{RUN}"><script>{RUN}</script><a xlink:href="javascript:{RUN}">a</a></svg>'),
    ("iframe", f'<iframe srcdoc="<script>parent.hit=1</script>"></iframe><iframe src="{FAR}">'),
    ("object", f'<object data="{FAR}"></object><embed src="{FAR}"><link rel=stylesheet href="{FAR}">'),
    ("style", f"<style>@import '{FAR}';</style><p style=\"background:url({FAR})\">a</p>"),
    ("form", f'<form action="{FAR}"><button formaction="javascript:{RUN}">a</button></form>'),
    ("base and meta", f'<base href="{FAR}"><meta http-equiv=refresh content="0;url={FAR}">'),
    ("mathml", f'<math><mtext><img src=x onerror="{RUN}"></mtext><maction actiontype="x">'),
    ("template", f"<template><img src=x onerror={RUN}></template><noscript><p title='</noscript>"),
    ("details", f'<details open ontoggle="{RUN}"><summary>a</summary></details><br onclick={RUN}>'),
    ("comment", f"<!-- <img src=x onerror={RUN}> --> <![CDATA[<script>{RUN}</script>]]>"),
    ("javascript link", f"[a](javascript:{RUN}) [b](JaVaScRiPt:{RUN}) [c]( javascript:{RUN} )"),
    ("javascript in pieces", f"[a](java\tscript:{RUN}) [b](java\nscript:{RUN}) [c](\x01javascript:{RUN})"),
    ("javascript in entities", f"[a](&#106;avascript:{RUN}) [b](javascript&colon;{RUN}) [c](java&Tab;script:x)"),
    ("javascript escaped", f"[a](j%61vascript:{RUN}) [b](\\j\\avascript:{RUN}) [c](javascript\\:{RUN})"),
    ("javascript in brackets", f"[a](<javascript:{RUN}>) <javascript:{RUN}> [b](<java script:{RUN}>)"),
    ("javascript reference", f"[a][1]\n\n[1]: javascript:{RUN}\n\n[b]: data:text/html,x\n[b]"),
    ("javascript behind http", f"[a](http:javascript:{RUN}) [b](https:/javascript:{RUN}) [c](//%0ajavascript:x)"),
    ("data link", f"[a](data:text/html,<script>{RUN}</script>) [b](DATA:text/html;base64,PHNjcmlwdD4=)"),
    ("other schemes", f"[a](vbscript:{RUN}) [b](file:///etc/passwd) [c](blob:x) [d](about:blank) [e](ftp://x/)"),
    ("links without a scheme", "[a](//evil.example) [b](/admin) [c](../x) [d](#a) [e](?q) [f](\\\\evil.example)"),
    ("odd addresses", "[a](http://) [b](https://user:pw@evil.example/) [c](http://[::1) [d](https://\\evil.example)"),
    ("image link", f"![a]({FAR}.png) ![b](javascript:{RUN}) [![c]({FAR}.png)](javascript:{RUN})"),
    ("image with a title", f'![a" onerror="{RUN}]({FAR}.png "b\' onload=\'{RUN}")'),
    ("title", f'[a](https://example.org "x\\" onmouseover=\\"{RUN}") [b](https://example.org \'<img src=x onerror={RUN}>\')'),
    ("address with quotes", f'[a](https://example.org/"onmouseover="{RUN}) https://example.org/"><script>{RUN}</script>'),
    ("false citations", f"[1]({FAR}) [**1**]({FAR}) [\\[1\\]]({FAR}) [`[1]`]({FAR}) [ 1 ]({FAR}) [①]({FAR}) [$1$]({FAR})"),
    ("links in links", _deep("[a *b ", "x", f"*]({FAR})", 300)),
    ("code", f"```<script>{RUN}</script>\n</code></pre><script>{RUN}</script>\n```\n`</code><img src=x onerror={RUN}>`"),
    ("language of code", f'```"><img src=x onerror={RUN}>\nx\n```\n\n```{"a" * LONG}\nx\n```'),
    ("table", f'| <img src=x onerror={RUN}> | [a](javascript:{RUN}) |\n|---|---|\n| </table><script>{RUN}</script> |'),
    ("broken marks", "**a *b __c _d ~~e `f [g ![h $i \\(j \\[k\n> l\n- m\n\n# **n\n| o *p | q\n|--\n| r"),
    ("crossed marks", "*a **b* c** _d __e_ f__ ~~g *h~~ i* [j *k](https://example.org) l* `m *n` o*"),
    ("open fence", "```\n" + "<b>x</b>\n" * 2000),
    ("open formula", "$$\n" + "\\alpha + " * 3000),
    ("one word", "x" * LONG),
    ("one link", "https://example.org/" + "x" * LONG),
    ("one address", "[a](https://example.org/" + "x" * LONG + ")"),
    *((f"much of {mark!r}", mark * (50_000 if len(mark) > 1 else LONG)) for mark in (
        "[", "]", "![", "*", "_", "~", ">", "> ", "`", "#", "$", "|", "-", "- ", "1", "\\", "\\(", "<", "<br ",
        "h", "http://", "\n", "\t", " ", "[a](", "[1]", "$a ", "$1", "a_", "a*", "*a _b ", "| ", "\\[\n\n", "${", "1. ", "+ ",
        "](", "x\n- ", "`a", "https://a.b)", "[1", "a\u0301",
    )),
    ("deep quotes", _deep(">") + "\n\n" + _deep("> ") + "\n" + _deep("> ", "y")),
    ("deep lists", "\n".join(" " * (2 * i) + "- x" for i in range(700))),
    ("deep lists in one line", _deep("- ") + "\n" + _deep("1. ") + "\n" + _deep("* ")),
    ("deep marks", _deep("*a _b ", "x", "_ *") + "\n\n" + _deep("**", "x", "**") + _deep("[", "x", "](y)")),
    ("deep brackets", _deep("[a](", FAR, ")")),
    ("wide table", "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + "|b" * 5000),
    ("long table", "| a |\n|---|\n" + "| b [1] |\n" * 5000),
    ("turned around", "a \u202e txet sdrawkcab \u202c b [\u202egro](https://example.org/\u202efdp.exe) \u2066x\u2069"),
    ("unseen", "a\u200bb\u200d\u2060c\ufeff [\u200b1\u200b](https://evil.example/) \u00ad" + "\u0300" * 5000),
    ("no characters", "a\0b \x01\x02\x1b[31m \x7f \ufffe \uffff [\0a](java\0script:alert(1))"),
    ("half characters", "a \ud83d b \ude00 c [\ud83d](https://example.org/\ud83d) `\udfff` $\ud800$"),
    ("formula with a link", f"$\\href{{javascript:{RUN}}}{{x}}$ $\\url{{{FAR}}}$ $\\href{{{FAR}}}{{y}}$ $\\ref{{a}}$ $\\eqref{{a}}$"),
    ("formula with an image", f"$\\includegraphics[width=9em]{{{FAR}.png}}$"),
    ("formula with HTML", "$\\htmlStyle{position:fixed}{x}$ $\\htmlClass{a}{x}$ $\\htmlId{a}{x}$ $\\htmlData{a=b}{x}$ $\\class{a}{x}$ $\\id{a}{x}$ $\\style{color:red}{x}$ $\\data{a=b}{x}$"),
    ("formula with text", f"$\\text{{<script>{RUN}</script>}}$ $\\text{{<img src=x onerror={RUN}>}}$ $<img src=x>$"),
    ("formula with a bomb", "$\\def\\a#1{\\a{#1#1}}\\a{x}$ $\\def\\a{\\a\\a}\\a$ $\\newcommand{\\b}{\\b\\b}\\b$ $\\let\\c\\c\\c$ $\\gdef\\d{\\d}\\d$"),
    ("formula of great size", "$\\rule{1e9em}{1e9em}$ $\\rule{99999em}{99999em}$ $\\hspace{-99999px}x$ $\\kern99999pt y$ $\\raisebox{9999em}{z}$ $\\Huge{\\Huge{\\Huge{\\Huge x}}}$ $$a\\\\[9999em]b$$"),
    ("formula of colours", "$\\color{url(https://evil.example/x)}x$ $\\colorbox{red;background:url(https://evil.example/x)}{y}$ $\\textcolor{expression(alert(1))}{z}$ $\\color{#12345}x$"),
    ("long formula", "$$\n" + "x + " * 25_000 + "x\n$$ after"),
    ("deep formula", "$$" + _deep("{", "x", "}", 1500) + "$$ $$" + _deep("\\sqrt{", "x", "}", 500) + "$$ $$" + _deep("\\frac{1}{", "x", "}", 400) + "$$ $$" + _deep("\\left(", "x", "\\right)", 300) + "$$ $$" + "x^{" * 900 + "y" + "}" * 900 + "$$"),
    ("many formulas", "$x_1^2$ and " * 2000),
    ("large matrix", "$$\\begin{matrix}" + ("a&" * 60 + "b\\\\") * 30 + "\\end{matrix}$$"),
    ("prototype", "$\\constructor$ $\\__proto__$ $\\toString{x}$ $\\begin{constructor}x\\end{constructor}$ $\\hasOwnProperty$"),
]  # fmt: skip
"""Names and texts."""
