"""Components of MDX: what their tags show is text, and the tags are not."""

from __future__ import annotations

import pytest

from ingestion.dialects.component_words import component_words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('<Card title="Size" icon="x">\n  Big.\n</Card>', "**Size** Big."),
        ('<LinkCard\n  title="Go"\n  description="Far away."\n/>', "**Go** Far away."),
        ('<TabItem value="l" label={"Left"}>L</TabItem>', "**Left** L"),
        ("<TabItem value='r'>R</TabItem>", "**r** R"),
        ("<Steps>\n\n1. One\n\n</Steps>", "1. One"),
        ('A <Badge text="new" variant="x"/> b <Icon name="y" />c', "A new b c"),
        ("See <Link to='/a'>the page</Link>.", "See the page."),
        ("<Outer.Inner title='T'>x</Outer.Inner>", "**T** x"),
        ("`<Card title='x'>` and\n\n```jsx\n<Card title='y' />\n```", None),
        ("<Solution>\n\nIt is 3.\n\n</Solution>", None),
        ("a < b and <div title='x'>c</div>", None),
        ("<Card title='x'", None),
    ],
)
def test_what_components_show(text: str, shown: str | None) -> None:
    made = component_words(text)
    assert made == text if shown is None else made.split() == shown.split()


@pytest.mark.parametrize("part", ["<A b={{", "<A b='", "<A b", "<", "</", '<A b="c">'])
def test_hostile_components_take_no_time(part: str) -> None:
    text = part * (200_000 // len(part))
    assert component_words(text) == ("" if part.endswith(">") else text)


def test_tabs_are_called_as_the_list_around_them_has_them() -> None:
    text = (
        "<Tabs items={['Pip', { label: 'Apt' }]}>\n<Tab>One.</Tab>\n<Tabs.Tab>Two.</Tabs.Tab>\n"
        "</Tabs>\n<Tab>Three.</Tab>\n"
    )
    assert component_words(text).split() == ["**Pip**", "One.", "**Apt**", "Two.", "Three."]
