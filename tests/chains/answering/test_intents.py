from __future__ import annotations

import tomllib

import pytest

from chains.answering.intents import PHRASES as FILE
from chains.answering.intents import intent_of, reply

PHRASES = {
    "again": "I don't understand|I still don’t get it.|Huh?|Das verstehe ich nicht|Je ne comprends "
    "pas|No entiendo|Não entendi|不懂|わかりません|لا أفهم|समझ नहीं आया",
    "simpler": "simpler, please|Explain it like I'm five|Bitte einfacher!|plus simplement|más "
    "sencillo, por favor|mais simples|简单一点|もっと簡単に|ببساطة|सरल शब्दों में",
    "example": "an example?|Could you give me an example, please?|Ein Beispiel?|un exemple, s'il "
    "te plaît|¿Un ejemplo?|um exemplo?|举个例子|例えば？|مثال؟|उदाहरण दीजिए",
    "why": "Why?|ok, why?|Warum?|Pourquoi ?|¿Por qué?|Por quê?|为什么？|なぜですか？|لماذا؟|क्यों?",
    "quiz": "quiz me|Test me!|Frag mich ab|interroge-moi|hazme una pregunta|faça uma pergunta|"
    "考考我|クイズを出して|اختبرني|एक सवाल पूछो",
    "summary": "Summarize|key points?|What are the main ideas?|TL;DR|Zusammenfassung, bitte|résumé|"
    "resumen|resumo|总结一下|まとめて|لخص|सारांश",
    "about": "What is this page about?|this chapter|Worum geht es auf dieser Seite?|de quoi parle "
    "ce chapitre ?|¿De qué trata esta página?|do que trata este capítulo?|本页讲了什么？|"
    "この章は何についてですか？|ما موضوع هذه الصفحة؟|यह किस बारे में है?",
    "next": "what comes next?|What's next?|Next page|Was kommt als Nächstes?|la suite|¿Qué sigue?|"
    "o que vem a seguir?|下一章讲什么？|次は？|ماذا بعد؟|आगे क्या है?",
    "hello": "hi|Hello there!|Guten Tag|Bonjour !|¡Hola!|Olá|你好！|こんにちは|مرحبا|नमस्ते",
    "thanks": "thanks!|Thank you so much.|Danke schön|Merci beaucoup|gracias|obrigado|谢谢！|"
    "ありがとうございます|شكرا|धन्यवाद",
    "who": "who are you?|Wer bist du?|Qui es-tu ?|¿Quién eres?|Quem é você?|你是谁？|"
    "あなたは誰ですか？|من أنت؟|आप कौन हैं?",
    "help": "help|What can I ask?|Hilfe!|aide-moi|ayuda|ajuda|帮助|ヘルプ|مساعدة|मदद",
}
ASKED_FOR = {
    "again": "Can you put that in another way?|That makes no sense to me.|Kannst du das nochmal "
    "erklären?|Was heißt das?|Peux-tu réexpliquer ?|¿Puedes explicarlo otra vez?|能再说一遍吗？",
    "simpler": "Dumb it down for me.|Kannst du das einfacher erklären?|C'est trop compliqué !|"
    "¿Puedes explicarlo más sencillo?|通俗一点",
    "example": "Kannst du ein Beispiel geben?|Peux-tu me donner un exemple ?|能举个例子吗？",
    "why": "Why not?|What's the reason?|为什么会这样？",
    "quiz": "Give me a quiz!|Ask me something about this.|Kannst du mich abfragen?",
    "more": "Kannst du mehr dazu sagen?|Peux-tu en dire plus ?|说详细点",
    "summary": "Sum up this page.|Summarize this chapter for me.|Fass das Kapitel zusammen|"
    "Kannst du diese Seite zusammenfassen?|haz un resumen",
    "about": "Explain this page, please.|Erkläre diese Seite|Explique cette page|explica esta "
    "página|解释一下这一页",
    "next": "What next?|What should I read after this?|que lire ensuite ?|¿Y ahora qué?|"
    "接下来读什么？",
    "hello": "Grüß dich!",
    "thanks": "That helped, thanks!|非常感谢！",
    "who": "Wie heißt du?|Tu es un robot ?",
    "help": "Kannst du mir helfen?|¿Me ayudas?",
}
"""Other ways to say the same."""
QUESTIONS = """
Why does a robot fall?
Why is the ZMP important?
What is an example of a gait?
Give me an example of a lifetime annotation.
How do I say hello in Rust?
Tell me more about torque.
In simple words, what is a gait?
Summarize the causes of the French Revolution.
What comes next after the stance phase?
What is help-seeking behavior?
Who are you allowed to vote for?
Thanks to whom was it found?
What are the key points of Durkheim's theory?
Why not use a stepper motor?
What is the reason for slip?
What does this make sense of?
Can you explain torque in another way?
Ask me something about torque.
What should I read on torque?
Warum fällt ein Roboter um?
Kannst du das Drehmoment einfacher erklären?
Peux-tu expliquer le couple ?
Ein Beispiel für einen Gang?
Pourquoi le robot tombe-t-il ?
为什么机器人会摔倒？
ロボットはなぜ倒れるのですか？
لماذا يسقط الروبوت؟
रोबोट क्यों गिरता है?
""".strip().splitlines()


@pytest.mark.parametrize("kind", PHRASES)
def test_what_readers_say_next_is_known_in_each_language(kind: str) -> None:
    said = f"{PHRASES[kind]}|{ASKED_FOR[kind]}".split("|")
    heard = {phrase: intent_of(phrase).kind for phrase in said}
    assert set(heard.values()) == {kind}, heard


def test_phrases_are_written_as_messages_come() -> None:
    """Casefolded: one with an “ß” would match nothing."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    patterns = [
        value for table in tables.values() for value in table.values() if isinstance(value, str)
    ]
    assert [pattern for pattern in patterns if pattern != pattern.casefold()] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_with_a_subject_is_never_taken_for_a_phrase(question: str) -> None:
    intent = intent_of(question)
    assert (intent.kind, intent.names_page) == ("question", False)


def test_a_phrase_may_name_the_page_and_a_question_may_be_about_it() -> None:
    quiz = intent_of("Quiz me on this page, please")
    assert (quiz.kind, quiz.names_page) == ("quiz", True)
    about = intent_of("What does this chapter say about torque?")
    assert (about.kind, about.names_page, about.rest) == (
        "question",
        True,
        "what does say about torque",
    )


def test_what_two_languages_say_alike_is_taken_as_the_books() -> None:
    assert intent_of("ok", "german").language == "german"
    assert intent_of("ok", "klingon").language == "english"


def test_long_messages_and_marks_alone_are_questions() -> None:
    assert intent_of("hi " * 200).kind == "question"
    assert intent_of("?!").kind == "question"


def test_a_language_without_replies_of_its_own_gets_the_english_ones() -> None:
    assert reply("hello", "klingon") == reply("hello", "english")
    assert reply("define", "german") is None
