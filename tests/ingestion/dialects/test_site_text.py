"""The Markdown of Jekyll and Hugo: Liquid, attribute lists, shortcodes, alerts."""

from __future__ import annotations

import re

import pytest

from ingestion.dialects.alerts import with_alerts
from ingestion.dialects.kramdown import without_attribute_lists
from ingestion.dialects.liquid import without_liquid
from ingestion.dialects.shortcodes import without_shortcodes


def dense(text: str) -> str:
    return re.sub(r"\n\s*\n", "\n", text).strip()


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("A {% comment %}the key{% endcomment %} B", "A  B"),
        ("{% raw %}{{ kept }}{% endraw %}", "{{ kept }}"),
        ("{% highlight ruby %}\nputs\n{% endhighlight %}", "```ruby\nputs\n```"),
        ("{% if site.x %}Shown.{% endif %}", "Shown."),
        ("By {{ site.title }}{{ page.author | upcase }}.", "By Tools."),
        ("[About]({{ '/about' | relative_url }})", "[About](/about)"),
        ("[b]({% link _lectures/b.md %})", "[b](_lectures/b.md)"),
        ("{% comment %} never ends", ""),
        ('{% include note.html title="Mind" content="the gap" %}', "Mind\nthe gap"),
    ],
)
def test_what_a_page_shows_of_liquid(text: str, markdown: str) -> None:
    shown = without_liquid(text, {"site.title": "Tools"}, lambda _kind, _example: None)
    assert dense(shown) == markdown


def test_what_is_left_out_of_liquid_is_noted() -> None:
    notes: list[tuple[str, str]] = []
    without_liquid(
        "{% include video.html id='x' %} {{ page.x }}",
        {},
        lambda kind, example: notes.append((kind, example)),
    )
    assert notes == [
        ("Liquid tags left out", "{% include video.html %}"),
        ("Liquid values left out", "{{ page.x }}"),
    ]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("{: .note}\nA pipe carries.\n\nMore.", ":::note\nA pipe carries.\n:::\nMore."),
        ("A pipe carries.\n{: .warning title='Mind'}", ":::warning[Mind]\nA pipe carries.\n:::"),
        ("## Pipes\n{: #p .x}", "## Pipes {#p}"),
        ("## Pipes {#p}", "## Pipes {#p}"),
        ("{: #p}\n## Pipes\nText", "## Pipes {#p}\nText"),
        ("* TOC\n{:toc}\n\nText", "Text"),
        ("A *pipe*{:.x} and [a](b){:target='_blank'}", "A *pipe* and [a](b)"),
        ("{::comment}\nno\n{:/comment}\nText", "Text"),
        ("```\n{: .note}\n```", "```\n{: .note}\n```"),
        ("An answer.\n{: .solution}", ":::solution\nAn answer.\n:::"),
        ("Plain.\n{: .lead}", "Plain."),
        ("> ## Wires\n>\n> Count them.\n{: .callout}", ":::note[Wires]\nCount them.\n:::"),
        ("{: .note-title }\n> Heat\n>\n> Mind it.", ":::note[Heat]\nMind it.\n:::"),
        ("> A quote.\n> ~~~\n> ls\n> ~~~\n> {: .bash}\n\nB", "> A quote.\n> ~~~\n> ls\n> ~~~\nB"),
        ("> It goes\non.\n\n{: .note}\nB", "> It goes\n> on.\n:::note\nB\n:::"),
        ("It is HTML.\n\n*[HTML]: Hyper Text\n", "It is HTML."),
    ],
)
def test_what_a_page_shows_of_kramdown(text: str, markdown: str) -> None:
    assert dense(without_attribute_lists(text)) == markdown


def test_a_solution_within_the_quote_of_its_exercise_is_a_box_of_its_own() -> None:
    text = (
        "> ## Wires\n>\n> How many?\n>\n> > ## Solution\n> > Two:\n> >\n> > - a\n> {: .solution}\n"
        ">\n> And pipes?\n{: .challenge}\n"
    )
    assert dense(without_attribute_lists(text)) == (
        "::::exercise[Wires]\nHow many?\n:::solution[Solution]\nTwo:\n- a\n:::\nAnd pipes?\n::::"
    )


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("{{< hint warning >}}\nHot.\n{{< /hint >}}", ":::warning\nHot.\n:::"),
        ('{{% notice title="Mind" %}}\nHot.\n{{% /notice %}}', ":::notice[Mind]\nHot.\n:::"),
        (
            "{{< note >}}\nA\n{{< tip >}}\nB\n{{< /tip >}}\n{{< /note >}}",
            "::::note\nA\n:::tip\nB\n:::\n::::",
        ),
        ('{{< tabs >}}\n{{< tab "Go" >}}\nrun\n{{< /tab >}}\n{{< /tabs >}}', "**Go**\nrun"),
        ("{{< highlight go >}}\nx := 1\n{{< /highlight >}}", "```go\nx := 1\n```"),
        ('{{< details "Answer" >}}\n42\n{{< /details >}}', ":::solution[Answer]\n42\n:::"),
        ("Write {{</* ref a */>}}.", "Write {{< ref a >}}."),
        ('A [link]({{< ref "b.md" >}}) and {{< x a=1 />}}.', "A [link]() and ."),
        ('{{< figure src="a.png" title="An arm" caption="It bends." >}}', "An arm\nIt bends."),
        (
            '{{% notice warning "Heat" %}}\nHot.\n{{% /notice %}}',
            ":::warning[Heat]\nHot.\n:::",
        ),
        ("{{< columns >}}\nA\n<--->\nB\n{{< /columns >}}", "A\nB"),
        (
            'A {{< term text="pump" id="p">}} runs, a {{< term term_id="gear-box" >}} turns.',
            "A pump runs, a gear box turns.",
        ),
        ('It is\n{{< term text="a pump" >}}\nthat runs.', "It is\na pump\nthat runs."),
        ("{{< comment >}}The key is 4.{{< /comment >}}Shown.", "Shown."),
        ('## {{% heading "next" %}}', "## next"),
        ('{{< tab name="Shell" codelang="sh" >}}\nls\n{{< /tab >}}', "**Shell**\n```sh\nls\n```"),
        ("{{< code-toggle >}}\na: 1\n{{</ code-toggle >}}", "```\na: 1\n```"),
        ("1. A\n\n   {{< tip >}}\n   B\n   {{< /tip >}}", "1. A\n   :::tip\n   B\n   :::"),
        ("{{< mermaid >}}\ngraph LR\n{{< /mermaid >}}", "```mermaid\ngraph LR\n```"),
    ],
)
def test_what_a_page_shows_of_shortcodes(text: str, markdown: str) -> None:
    assert dense(without_shortcodes(text, lambda _kind, _example: None)) == markdown


def test_parameters_of_the_site_are_put_in() -> None:
    text = 'Pumps {{< param "version" >}} and {{< param other >}}.'
    shown = without_shortcodes(text, lambda _kind, _example: None, {"version": "2.1"})
    assert shown == "Pumps 2.1 and ."


def test_shortcodes_are_noted_by_name() -> None:
    notes: list[str] = []
    text = "{{< gist x >}} {{< colour red >}}shown{{< /colour >}}"
    assert "shown" in without_shortcodes(text, lambda _, example: notes.append(example))
    assert notes == ["{{< gist >}}", "{{< colour >}}"]


def test_alerts_become_admonitions() -> None:
    text = "> [!NOTE]\n> Turn *slowly*.\n>\n> Twice.\n\n> A quote.\n\n```\n> [!TIP]\n```"
    assert dense(with_alerts(text)) == (
        ":::note\nTurn *slowly*.\nTwice.\n:::\n> A quote.\n```\n> [!TIP]\n```"
    )
