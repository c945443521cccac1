"""What is known of the words of each language that a book may be in."""

from __future__ import annotations

import unicodedata

import pytest

from chains.language.languages import LANGUAGES, OTHER, language_of_code, stop_words
from chains.language.terms import all_terms, terms_of
from chains.language.tokenization import words_of

# A common word, and two texts that speak of the same thing: in another form of the word where its
# endings are known, in a sentence where they are not.
WORDS = {
    "afrikaans": ("die", "geheue", "Die geheue is vol."),
    "arabic": ("في", "المصفوفات", "مصفوفة"),
    "armenian": ("այն", "զանգվածներ", "զանգվածը"),
    "basque": ("eta", "zenbakiak", "zenbakia"),
    "bengali": ("এবং", "স্মৃতি", "স্মৃতি বড়।"),
    "bulgarian": ("на", "памет", "Има памет."),
    "catalan": ("els", "llistes", "llista"),
    "chinese": ("的", "内存", "数组存放在连续的内存中。"),
    "croatian": ("ili", "memorija", "To je memorija."),
    "czech": ("aby", "roboty", "robota"),
    "danish": ("og", "listerne", "liste"),
    "dutch": ("het", "lijsten", "lijst"),
    "english": ("the", "robots", "robot"),
    "esperanto": ("kaj", "robotoj", "roboto"),
    "estonian": ("ja", "sõnad", "sõna"),
    "finnish": ("ja", "taulukot", "taulukko"),
    "french": ("les", "l'ordinateur", "ordinateurs"),
    "galician": ("que", "memoria", "A memoria é grande."),
    "german": ("und", "Speichern", "Speicher"),
    "greek": ("και", "πίνακες", "πίνακας"),
    "gujarati": ("અને", "મેમરી", "મેમરી મોટી છે."),
    "hebrew": ("של", "זיכרון", "יש זיכרון גדול."),
    "hindi": ("और", "सरणियाँ", "सरणी"),
    "hungarian": ("ahogy", "könyvek", "könyv"),
    "indonesian": ("dan", "ingatannya", "ingatan"),
    "irish": ("agus", "an tsráid", "sráid"),
    "italian": ("della", "memorie", "memoria"),
    "japanese": ("です", "配列", "配列は要素を格納します。"),
    "korean": ("그리고", "배열은", "배열이 있습니다."),
    "latvian": ("un", "atmiņa", "Liela atmiņa."),
    "lithuanian": ("ir", "robotai", "robotas"),
    "malay": ("dan", "ingatan", "Ingatan besar."),
    "marathi": ("आणि", "स्मृती", "स्मृती मोठी आहे."),
    "norwegian": ("og", "robotene", "robot"),
    "persian": ("که", "حافظه‌ها", "حافظه"),
    "polish": ("oraz", "roboty", "robot"),
    "portuguese": ("uma", "memórias", "memória"),
    "romanian": ("și", "listele", "lista"),
    "russian": ("что", "массивы", "массива"),
    "slovak": ("alebo", "pamäť", "To je pamäť."),
    "slovene": ("in", "pomnilnik", "Velik pomnilnik."),
    "spanish": ("los", "listas", "lista"),
    "swahili": ("na", "kumbukumbu", "Kumbukumbu kubwa."),
    "swedish": ("och", "listorna", "lista"),
    "tagalog": ("ang", "memorya", "Malaki ang memorya."),
    "thai": ("และ", "สมาชิก", "อาร์เรย์เก็บสมาชิกชนิดเดียวกัน"),
    "turkish": ("ve", "robotlar", "robot"),
    "ukrainian": ("та", "пам'ять", "Велика пам'ять."),
    "urdu": ("اور", "یادداشت", "یادداشت بڑی ہے۔"),
    "vietnamese": ("và", "mảng", "Một mảng lớn."),
    "zulu": ("futhi", "inkumbulo", "Inkumbulo enkulu."),
}


@pytest.mark.parametrize("language", WORDS)
def test_each_language_knows_common_words_and_finds_a_word_again(language: str) -> None:
    common, one, other = WORDS[language]
    assert common in stop_words(language)
    assert not terms_of(common, language=language)
    assert terms_of(one, language=language) & terms_of(other, language=language)


def test_all_languages_with_common_words_are_tried_here() -> None:
    assert {name for name in LANGUAGES if stop_words(name)} == WORDS.keys()


def test_where_a_language_is_not_known_each_word_counts_as_it_stands() -> None:
    assert all_terms("Der Roboter ist the robots", OTHER) == [
        "der",
        "roboter",
        "ist",
        "the",
        "robots",
    ]
    assert language_of_code("ka") == OTHER


@pytest.mark.parametrize(
    ("language", "question", "subject"),
    [
        ("chinese", "什么是数组？", {"数", "组", "数组"}),
        ("japanese", "配列とは何ですか？", {"配列"}),
        ("thai", "อาร์เรย์คืออะไร", {"อาร์เรย์"}),
        ("french", "Qu'est-ce que l'eau ?", {"eau"}),
        ("german", "Was ist der Unterschied?", set()),
        ("turkish", "Dizi nedir?", {"diz"}),
        ("hindi", "सरणी क्या है?", {"सरण"}),
    ],
)
def test_words_with_which_a_question_is_asked_do_not_count(
    language: str, question: str, subject: set[str]
) -> None:
    assert terms_of(question, language=language) == subject


def test_english_words_in_a_text_of_another_script_have_english_endings() -> None:
    assert terms_of("Python的the pointers", language="chinese") == terms_of("Python pointer")
    assert terms_of("два pointers", language="russian") >= terms_of("pointer")


def test_one_word_is_the_same_in_any_of_its_spellings() -> None:
    decomposed = unicodedata.normalize("NFD", "Überläufe é")
    assert terms_of(decomposed, language="german") == terms_of("Überläufe é", language="german")
    assert words_of("ＡＢＣ　ﾒﾓﾘ") == ["ABC", "メモリ"]
    assert words_of("soft\u00adhyphen \u200fالذَّاكِرَة") == ["softhyphen", "الذاكرة"]
    assert words_of("Tür 👩‍💻 e\u0301") == ["Tür", "é"]


def test_a_capital_i_without_a_dot_is_turkish_in_a_turkish_book_alone() -> None:
    assert terms_of("ISI", language="turkish") == terms_of("ısı", language="turkish")
    assert terms_of("İLKE", language="turkish") == terms_of("ilke", language="turkish")
    assert terms_of("ISI") == {"isi"}
