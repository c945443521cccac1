"""Where sentences end in languages that are not written like English."""

from __future__ import annotations

import pytest

from chains.language import wording
from chains.language.boundaries import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("数组存放元素。", "链表由节点组成。"),
        ("什么是栈？", "后进先出的表！"),
        ("彼は「配列だ。」", "次の文です。"),
        ("長さは３．１４です．", "次の文です．"),
        ("ما هي المصفوفة؟ ", "هي عناصر متجاورة."),
        ("یہ ایک فہرست ہے۔ ", "دوسرا جملہ۔"),
        ("सरणी में तत्व होते हैं। ", "सूची में नोड होते हैं।"),
        ("Սա առաջինն է։ ", "Սա երկրորդն է։"),
        ("ይህ የመጀመሪያው ነው። ", "ሁለተኛው ነው።"),
        ("នេះជាប្រយោគទីមួយ។ ", "នេះជាទីពីរ។"),
        ("Τι είναι ο πίνακας; ", "Είναι μια δομή."),
        ("Es gibt z. B. Felder, d. h. Listen. ", "Das ist alles."),
        ("Am 3. Oktober begann es, vgl. Abb. 3. ", "Danach endete es."),
        ("C'est un tableau. ", "« Bonjour » dit-il."),
        ("Es una lista. ", "¿Qué es una pila?"),
        (
            "อาร์เรย์เก็บสมาชิกชนิดเดียวกันไว้ในหน่วยความจำที่ต่อเนื่องกัน และเข้าถึงได้ด้วยดัชนี ",
            "ลิสต์ประกอบด้วยโหนด",
        ),
    ],
)
def test_a_sentence_ends_as_its_script_has_it(first: str, second: str) -> None:
    assert sentences(first + second) == [first.strip(), second]


def test_a_number_with_a_full_width_point_is_one() -> None:
    assert sentences("約３．１４倍です。") == ["約３．１４倍です。"]


@pytest.mark.parametrize(
    "sentence",
    [
        "栈是后进先出。",
        "木は根を持ちます。",
        "배열은 메모리에 있다.",
        "Dizi bellekte saklanır.",
        "सूची बड़ी है।",
    ],
)
def test_a_short_sentence_of_a_language_with_few_or_uncut_words_can_be_quoted(
    sentence: str,
) -> None:
    assert wording.is_quotable(sentence)
    assert wording.has_ended(sentence)


@pytest.mark.parametrize(
    "text",
    ["什么是数组？", "ما هي المصفوفة في اللغة؟", "以下是数组的操作：", "见下。", "It’s a robot."],
)
def test_a_question_a_crumb_or_the_first_line_of_a_list_is_not_quoted(text: str) -> None:
    assert not wording.is_quotable(text)
