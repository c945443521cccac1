"""Pages of each make of book that are made to hurt: one mark of its dialect, repeated up to a
size."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.hostile_pages import Shape, longer_runs, nested, numbered, repeated

Dialects = Mapping[tuple[str, str], Mapping[str, Shape]]
"""Shapes by the make of the book and the name of the page."""

UNFOLDS = "includes of itself, which unfold"
"""A page that takes more than its share of time, and is left out for that."""

DIALECTS: Dialects = {
    ("docusaurus", "a.mdx"): {
        "directives nested": nested(":::note\n", ":::\n"),
        "directives longer and longer": longer_runs(":", "note\n"),
        "directives with titles": repeated(":::note[a [b]\n"),
        "tabs nested": nested('<Tabs>\n<TabItem value="a" label="b">\n', "</TabItem>\n</Tabs>\n"),
        "tabs opened": repeated('<TabItem label="a'),
        "partials": numbered("import P# from './_p#.mdx'\n", after="<P1 />\n" * 100),
        "partials without an end": repeated("import A from './_a.mdx';<A/>"),
        "scripts": repeated("<script>a</script>\n"),
        "styles opened": repeated("<style>{`a\n"),
        "expressions nested": nested("{", "}"),
        "attributes of templates": repeated("<A b={`${"),
        "details nested": nested("<details>\n<summary>a</summary>\n\n", "</details>\n"),
        "attributes of html": repeated('<p a="b" c=\'d\' e=f '),
    },
    ("mkdocs", "docs/a.md"): {
        "boxes deeper and deeper": lambda size: "".join(
            f'{"    " * depth}!!! note "a"\n\n' for depth in range(int((size / 2) ** 0.5))
        ),
        "boxes": repeated("!!! note\n    a\n\n"),
        "boxes with titles opened": repeated('??? note "a\n'),
        "tabs": repeated('=== "a"\n\n    b\n\n'),
        "attribute lists": repeated("a{: .b #c }\n"),
        "attribute lists opened": repeated("a{: .b "),
        "snippets": repeated('--8<-- "a.md"\n'),
        "snippets opened": repeated("--8<--\n"),
        "keys": repeated("++a+b"),
        "marks": repeated("==a {++b {--c {~~d~>"),
        "macros opened": repeated("{{ a "),
        "definitions": repeated("a\n:   b\n\n"),
        "abbreviations": numbered("*[a#]: b\n"),
    },
    ("mdbook", "src/a.md"): {
        "includes": repeated("{{#include a.md:"),
        "includes of itself": repeated("{{#include a.md}}\n"),
        "playgrounds": repeated("{{#playground "),
        "hidden lines": repeated("```rust\n# a\n```\n"),
        "alerts": repeated("> [!NOTE]\n> a\n\n"),
        "alerts nested": lambda size: "".join(
            f"{'> ' * depth}[!NOTE]\n" for depth in range(int(size**0.5))
        ),
    },
    ("vitepress", "a.md"): {
        "containers nested": nested("::: info\n", ":::\n"),
        "containers longer and longer": longer_runs(":", " info\n"),
        "code groups": repeated("::: code-group\n```js [a]\nb\n```\n:::\n"),
        "includes": repeated("<!--@include: ./a.md-->\n"),
        "snippets": repeated("<<< @/a.md{1}\n"),
        "interpolations": repeated("{{ a "),
        "badges": repeated('<Badge type="'),
    },
    ("myst", "a.md"): {
        "directives nested": nested("::::{note}\n", "::::\n"),
        "directives longer and longer": longer_runs(":", "{note}\n"),
        "fences longer and longer": longer_runs("`", "{note}\n"),
        "directives opened": repeated("```{note}\n"),
        "directives with options": repeated("```{figure} a\n:b: c\n```\n"),
        "options without an end": repeated("```{note}\n---\na: b\n", after=""),
        "roles": repeated("{ref}`a <b>`"),
        "roles opened": repeated("{ref}`"),
        "roles longer and longer": longer_runs("`", "{ref}"),
        "labels": repeated("(a)=\n# b\n"),
        "substitutions": repeated("{{ a }} {{"),
        "comments": repeated("% a\n"),
        "breaks": repeated("+++ {a\n"),
        "targets opened": repeated("(a"),
        "math": repeated("\\begin{align}a\\end{align}\n"),
    },
    ("quarto", "a.qmd"): {
        "divs nested": nested("::: {.a}\n", ":::\n"),
        "divs longer and longer": longer_runs(":", " {.a}\n"),
        "divs opened": repeated("::: {.callout-note title='a\n"),
        "spans": nested("[", "]{.a}"),
        "spans opened": repeated("[a]{.b "),
        UNFOLDS: repeated("{{< include a.qmd >}}\n"),
        "shortcodes opened": repeated("{{< video "),
        "cells": repeated("```{r}\n#| a: b\nc\n```\n"),
        "options of cells": repeated("#| a: b\n", "```{r}\n", "```\n"),
        "references": repeated("@fig-a [@b; "),
        "notes": repeated("^[a"),
        "equations": repeated("$$a$$ {#eq-b}\n\n"),
        "raw": repeated("`a`{=html}"),
        "tables with captions": repeated("| a |\n|---|\n| b |\n\n: c {#tbl-d}\n\n"),
    },
    ("hugo", "content/a.md"): {
        "shortcodes nested": nested("{{% a %}}", "{{% /a %}}"),
        "shortcodes opened": repeated('{{< a b="'),
        "shortcodes raw": repeated("{{< a `"),
        "shortcodes commented": repeated("{{</* a */>}}{{</*"),
        "summaries": repeated("<!--more-->\n"),
    },
    ("jekyll", "a.md"): {
        "tags nested": nested("{% if a %}", "{% endif %}"),
        "tags raw": repeated("{% raw %}a"),
        "tags opened": repeated("{% a "),
        "highlights": repeated("{% highlight a %}\n"),
        "includes": repeated("{% include a.md b='c "),
        "outputs": repeated("{{ a | b: '"),
        "attribute lists": repeated("a\n{: .b}\n"),
        "attribute lists opened": repeated("{: a "),
        "options of lists": repeated("* a\n{:toc}\n"),
        "definitions": repeated("a\n: b\n\n"),
    },
    ("html", "a.html"): {
        "elements nested": nested("<div>", "</div>"),
        "elements opened": repeated("<p>a"),
        "tables nested": nested("<table><tr><td>", "</td></tr></table>"),
        "lists nested": nested("<ul><li>", "</li></ul>"),
        "wide tables": lambda size: f"<table><tr>{'<td>a' * (size // 5)}",
        "cells nested": nested("<table><tr><td>a<td>", "<td>b</table>"),
        "articles nested": nested("<article>a ", "</article>"),
        "contents nested": nested('<div class="content">a ', "</div>"),
        "boxes nested": nested('<div class="note admonition">', "</div>"),
        "details nested": nested("<details>a", "</details>"),
        "quotes nested": nested("<blockquote>a", "</blockquote>"),
        "headings": repeated('<section id="a"><h2>b</h2>'),
        "spans": repeated("<span>a</span>"),
        "attributes": repeated(' a="b"', "<p", ">c</p>"),
        "attributes opened": repeated('<p a="'),
        "entities": repeated("&amp;"),
        "comments opened": repeated("<!--"),
        "scripts opened": repeated("<script>"),
        "code": repeated("<pre><code>a\n"),
        "marks": nested("<b><i>", "</i></b>"),
        "closings": repeated("</p></div>"),
        "links nested": nested('<a href="b">', "</a>"),
        "spaces": repeated(" ", "<p>a", "b</p>"),
    },
}  # fmt: skip
