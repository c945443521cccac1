"""Words with which questions are asked, by language, that lists of common words lack.

“What is the difference …?” and “Explain …” say how to answer, and nothing about the subject.
"""

from __future__ import annotations

from chains.language.tokenization import words_in

_BY_LANGUAGE = {
    "arabic": "لماذا كيف اين أين متى اشرح وضح عرف ماهو ماهي تعني يعني معنى الفرق فرق مثال تعريف",
    "chinese": "什么 何时 哪里 哪儿 里 为什么 怎么 如何 多少 请 请问 解释 说明"
    " 描述 定义 意思 区别 例子 举例",
    "dutch": "wat hoe waarom wanneer waar welke leg uitleg uitleggen verklaar beschrijf definitie"
    " betekenis betekent verschil voorbeeld",
    "french": "est-ce pourquoi combien expliquer explique expliquez décris décrire définir définis"
    " définition signifie différence exemple",
    "german": "wieviel wieso weshalb erkläre erklären erklär beschreibe beschreiben definiere"
    " definition bedeutet bedeutung bedeuten unterschied unterschiede beispiel nenne",
    "hindi": "क्या कैसे क्यों कहाँ कब कितने कितनी समझाइए समझाओ बताइए बताओ परिभाषा मतलब अर्थ अंतर उदाहरण",
    "indonesian": "apa apakah bagaimana mengapa kenapa kapan jelaskan sebutkan definisi arti beda"
    " perbedaan contoh",
    "italian": "cosa cos'è perché spiega spiegare descrivi definisci definizione significa"
    " significato differenza esempio",
    "japanese": "何 なぜ 何故 どう どうして どうやって いつ どれ どちら いくつ 説明 定義"
    " 意味 違い 例 教え"
    " ください か した ました",
    "korean": "무엇 무엇인가요 무엇입니까 무엇인가 뭐예요 뭔가요 어떻게 왜 언제 어디"
    " 어디인가요 누구 설명 설명해"
    " 설명해주세요 정의 의미 차이 차이점 차이는 예시",
    "polish": "jak dlaczego kiedy gdzie ile wyjaśnij opisz zdefiniuj definicja znaczy oznacza"
    " różnica przykład",
    "portuguese": "porque porquê explique explicar descreva defina definição significa significado"
    " diferença exemplo",
    "russian": "такое объясни объясните опиши опишите определение означает значит разница отличие"
    " пример",
    "spanish": "explica explicar explique describe describir define definir definición significa"
    " significado diferencia ejemplo",
    "thai": "คือ อะไร ทำไม อย่างไร ยังไง ที่ไหน ไหน เมื่อไร เมื่อไหร่ ใคร กี่ เท่าไร เท่าไหร่ อธิบาย นิยาม"
    " ความหมาย หมายถึง แตกต่าง ต่าง ตัวอย่าง",
    "turkish": "nedir nelerdir nasıl niçin neden nerede kim kaç açıkla açıklayın tanımla tanımı"
    " anlamı demek fark farkı örnek",
    "ukrainian": "що як чому коли де скільки поясни поясніть опиши визначення"
    " означає різниця приклад",
    "vietnamese": "gì sao thế nào khi đâu giải thích mô tả định nghĩa nghĩa khác ví dụ",
}

ASKING = {name: words_in(words) for name, words in _BY_LANGUAGE.items()}
"""By the name of the language."""
