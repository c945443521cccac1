"""The language of templates: what it can say, where it ends, and parts that prompts share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chains.errors import SettingError
from chains.prompts.prompt import Prompt, load_prompt
from chains.prompts.rendering_budget import MOST_CHARACTERS
from chains.prompts.template import compile_template, render
from chains.settings import Settings

SOURCES = [{"index": 1, "content": "A gait is a rhythm."}, {"index": 2, "content": "It tips."}]
FRONT = """\
---
description: Explains.
inputs:
  question: {example: Why?}
  sources: {example: [{index: 1, content: A gait.}]}
---
"""


def load(folder: Path, text: str, **parts: str) -> Prompt:
    (folder / "parts").mkdir(exist_ok=True)
    for name, part in parts.items():
        (folder / "parts" / f"{name}.md").write_text(part, encoding="utf-8")
    (folder / "own.md").write_text(FRONT + text, encoding="utf-8")
    return load_prompt("own", Settings.model_construct(prompts=folder))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ sources[0].content[:6] }}", "A gait"),
        ("{{ sources[-1].content[3:] }}", "tips."),
        ("{% for s in sources[:1] %}{{ s.index }}{% endfor %}", "1"),
        ("{% for s in sources %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "),
        ("{% for s in sources %}{% if not loop.last %}{{ s.index }}{% endif %}{% endfor %}", "1"),
        ("{{ sources[0].content | truncate(9, true, '…') }}", "A gait i…"),
        ("{{ sources[0].page | default('no page') }}", "no page"),
        ("{% for a in sources %}{% for b in sources %}{{ b.index }}{%endfor%}{%endfor%}", "1212"),
        ("{{ sources | join(', ', attribute='index') }}", "1, 2"),
        ("{% for s in sources %}{{ s.index }}{% else %}none{% endfor %}", "12"),
    ],
)  # fmt: skip
def test_a_template_can_say_what_a_prompt_needs(template: str, text: str) -> None:
    assert render(compile_template(template), {"sources": SOURCES}) == text


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for a in big %}{% for b in big %}.{% endfor %}{% endfor %}", "10,000 steps"),
        ("{% for a in big %}" + "x" * 500 + "{% endfor %}", "400,000 characters"),
        ("{{ big | join(big) }}", "“join” makes more than 400,000 characters"),
        ("{% for a in big[:99] %}{{ big | join(big[:500]) | length }}{% endfor %}", "“join”"),
        ("{% for a in big %}{% for b in big %}{{ b }}{% endfor %}{% endfor %}", "10,000 steps"),
    ],
)
def test_what_would_grow_without_bound_ends_with_its_reason(template: str, reason: str) -> None:
    with pytest.raises(Exception, match=reason) as caught:
        render(compile_template(template), {"big": "x" * 1000})
    assert type(caught.value).__name__ == "TemplateRuntimeError"


def test_a_long_text_that_is_allowed_is_rendered_whole() -> None:
    text = "x" * MOST_CHARACTERS
    assert render(compile_template("{{ text }}"), {"text": text}) == text


def test_a_question_that_would_render_too_much_is_refused_with_the_prompt(tmp_path: Path) -> None:
    prompt = load(tmp_path, "user:\n{% for a in question %}" + "x" * 900 + "{% endfor %}")
    with pytest.raises(SettingError, match="prompt own: it renders more than 400,000 characters"):
        prompt.messages({"question": "x" * 1000, "sources": []})


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__ }}",
        "{{ question['__class__'] }}",
        "{{ (question | first).__class__.__mro__ }}",
        "{% for a in sources recursive %}{% endfor %}",
        "{{ loop(sources) }}",
        "{{ sources | map(attribute='__class__') }}",
        "{{ question | attr('__class__') }}",
        "{{ sources | join(attribute='__class__') }}",
        "{{ question is mapping }}",
        "{% import 'parts/a.md' as a %}",
        "{% extends 'parts/a.md' %}",
    ],
)
def test_what_reaches_out_is_refused_with_its_line(tmp_path: Path, template: str) -> None:
    with pytest.raises(SettingError, match=r"own\.md, line 9: "):
        load(tmp_path, f"user:\n\n{template}", a="x")


def test_a_part_stands_where_it_is_included(tmp_path: Path) -> None:
    prompt = load(
        tmp_path,
        'system:\nBe kind.\n{% include "parts/rules.md" %}\nuser:\n{% for s in sources %}\n'
        '{% include "parts/source.md" %}\n{% endfor %}\n{{ question }}',
        rules="- Cite.\n- Be brief.\n",
        source="{{ s.content | fenced('source', number=s.index) }}\n",
    )
    system, user = prompt.preview()
    assert system.text == "Be kind.\n- Cite.\n- Be brief."
    assert user.text == '<data-source number="1">\nA gait.\n</data-source>\nWhy?'
    assert [file.name for file in prompt.files] == ["own.md", "rules.md", "source.md"]


def test_an_edit_of_a_part_is_another_version(tmp_path: Path) -> None:
    text = 'user:\n{% include "parts/rules.md" %}\n{{ question }}'
    first = load(tmp_path, text, rules="Cite.").version
    assert load(tmp_path, text, rules="Cite.").version == first
    assert load(tmp_path, text, rules="Cite all.").version != first


@pytest.mark.parametrize(
    ("include", "part", "place", "message"),
    [
        ('"parts/absent.md"', "", "own.md, line 8", "there is no part “absent”; the folder parts"),
        ('"parts/../own.md"', "", "own.md, line 8", "a prompt includes only parts"),
        ('"/etc/passwd"', "", "own.md, line 8", "a prompt includes only parts"),
        ("question", "", "own.md, line 8", "a prompt includes only parts"),
        ('"parts/a.md" ignore missing', "", "own.md, line 8", "a prompt includes only parts"),
        ('"parts/a.md"', "1\n{% include 'parts/a.md' %}", "parts/a.md, line 2", "another part"),
        ('"parts/a.md"', "1\n2\n{{ tone }}", "parts/a.md, line 3", "“tone” is not among"),
        ('"parts/a.md"', "1\n{% if %}", "parts/a.md, line 2", "a tag ends too soon"),
        (
            '"parts/a.md"',
            "1\n\n{{ question.tone }}",
            "parts/a.md, line 3",
            "there is no “tone” there",
        ),
        ('"parts/a.md"', "1\n{{ question() }}", "parts/a.md, line 2", "cannot use “call”"),
    ],
)
def test_a_mistake_about_a_part_is_reported_where_it_is(
    tmp_path: Path, include: str, part: str, place: str, message: str
) -> None:
    with pytest.raises(SettingError) as caught:
        load(tmp_path, f"user:\n{{% include {include} %}}\n{{{{ question }}}}", a=part)
    said: Any = str(caught.value)
    assert f"{place}: " in said
    assert message in said
