"""What our own site says beside the book, in the languages that the widget has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWords:
    """The words of one language. What is in braces is filled in by a page."""

    books: str = "Books"
    contents: str = "Contents"
    chapters: str = "Chapters"
    previous: str = "Previous"
    next: str = "Next"
    in_chapter: str = "In this chapter"
    close: str = "Close"
    to_text: str = "Skip to the text"
    to_asking: str = "Skip to asking"
    ask: str = "Ask the book"
    no_script: str = "Asking needs JavaScript; reading does not."
    lead: str = (
        "Read a chapter, and where something is unclear, select the passage and ask. You can "
        "also put a question from here. Each answer cites the sections that it comes from."
    )
    search: str = "Search"
    search_book: str = "Search the book"
    found: str = "Search: {query}"
    none: str = "No section has these words. Try others, or ask the book in a whole sentence."
    long: str = "Search for at most {count} characters."
    often: str = "Too many searches; come again in {count} seconds."
    no_page: str = "No such page"
    no_page_why: str = "The book has no page at this address. It may have been moved or renamed."
    back: str = "Back to the contents of {title}"


ENGLISH = SiteWords()
_BY_CODE = {
    "de": SiteWords(
        books="Bücher",
        contents="Inhalt",
        chapters="Kapitel",
        previous="Zurück",
        next="Weiter",
        in_chapter="In diesem Kapitel",
        close="Schließen",
        to_text="Zum Text",
        to_asking="Zum Fragen",
        ask="Das Buch fragen",
        no_script="Fragen geht nur mit JavaScript, lesen auch ohne.",
        lead="Lesen Sie ein Kapitel, und wenn etwas unklar ist, markieren Sie die Stelle und "
        "fragen Sie. Auch von hier aus können Sie fragen. Jede Antwort nennt die Abschnitte, "
        "aus denen sie stammt.",
        search="Suchen",
        search_book="Im Buch suchen",
        found="Suche: {query}",
        none="Kein Abschnitt enthält diese Wörter. Versuchen Sie andere, oder fragen Sie das Buch "
        "in einem ganzen Satz.",
        long="Suchen Sie nach höchstens {count} Zeichen.",
        often="Zu viele Suchen; kommen Sie in {count} Sekunden wieder.",
        no_page="Diese Seite gibt es nicht",
        no_page_why="Das Buch hat unter dieser Adresse keine Seite. Vielleicht wurde sie "
        "verschoben oder umbenannt.",
        back="Zurück zum Inhalt von {title}",
    ),
    "fr": SiteWords(
        books="Livres",
        contents="Sommaire",
        chapters="Chapitres",
        previous="Précédent",
        next="Suivant",
        in_chapter="Dans ce chapitre",
        close="Fermer",
        to_text="Aller au texte",
        to_asking="Aller à la question",
        ask="Interroger le livre",
        no_script="Il faut JavaScript pour poser une question, pas pour lire.",
        lead="Lisez un chapitre et, si quelque chose n’est pas clair, sélectionnez le passage et "
        "posez une question. Vous pouvez aussi le faire d’ici. Chaque réponse cite les "
        "sections dont elle vient.",
        search="Rechercher",
        search_book="Rechercher dans le livre",
        found="Recherche : {query}",
        none="Aucune section ne contient ces mots. Essayez-en d’autres, ou interrogez le livre "
        "par une phrase entière.",
        long="Recherchez au plus {count} caractères.",
        often="Trop de recherches ; revenez dans {count} secondes.",
        no_page="Cette page n’existe pas",
        no_page_why="Le livre n’a pas de page à cette adresse. Elle a peut-être été déplacée ou "
        "renommée.",
        back="Retour au sommaire de {title}",
    ),
    "es": SiteWords(
        books="Libros",
        contents="Contenido",
        chapters="Capítulos",
        previous="Anterior",
        next="Siguiente",
        in_chapter="En este capítulo",
        close="Cerrar",
        to_text="Ir al texto",
        to_asking="Ir a preguntar",
        ask="Preguntar al libro",
        no_script="Para preguntar hace falta JavaScript; para leer, no.",
        lead="Lea un capítulo y, si algo no está claro, seleccione el pasaje y pregunte. También "
        "puede preguntar desde aquí. Cada respuesta cita las secciones de las que procede.",
        search="Buscar",
        search_book="Buscar en el libro",
        found="Búsqueda: {query}",
        none="Ninguna sección tiene estas palabras. Pruebe con otras o pregunte al libro con una "
        "frase entera.",
        long="Busque como máximo {count} caracteres.",
        often="Demasiadas búsquedas; vuelva en {count} segundos.",
        no_page="Esta página no existe",
        no_page_why="El libro no tiene ninguna página en esta dirección. Puede que se haya movido "
        "o que tenga otro nombre.",
        back="Volver al contenido de {title}",
    ),
    "pt": SiteWords(
        books="Livros",
        contents="Conteúdo",
        chapters="Capítulos",
        previous="Anterior",
        next="Seguinte",
        in_chapter="Neste capítulo",
        close="Fechar",
        to_text="Ir para o texto",
        to_asking="Ir para a pergunta",
        ask="Perguntar ao livro",
        no_script="Perguntar exige JavaScript; ler, não.",
        lead="Leia um capítulo e, se algo não estiver claro, selecione o trecho e pergunte. Também "
        "pode perguntar daqui. Cada resposta cita as seções de que vem.",
        search="Buscar",
        search_book="Buscar no livro",
        found="Busca: {query}",
        none="Nenhuma seção tem estas palavras. Tente outras ou pergunte ao livro com uma frase "
        "inteira.",
        long="Busque no máximo {count} caracteres.",
        often="Buscas demais; volte em {count} segundos.",
        no_page="Esta página não existe",
        no_page_why="O livro não tem página neste endereço. Ela pode ter sido movida ou ter outro "
        "nome.",
        back="Voltar ao conteúdo de {title}",
    ),
    "zh": SiteWords(
        books="书籍",
        contents="目录",
        chapters="章节",
        previous="上一章",
        next="下一章",
        in_chapter="本章内容",
        close="关闭",
        to_text="跳到正文",
        to_asking="跳到提问",
        ask="向本书提问",
        no_script="提问需要 JavaScript，阅读不需要。",
        lead="阅读某一章；遇到不清楚的地方，选中那段文字并提问。也可以在这里直接提问。每个回答都会注明出自哪些小节。",
        search="搜索",
        search_book="搜索本书",
        found="搜索：{query}",
        none="没有小节包含这些词。请换别的词，或用完整的句子向本书提问。",
        long="最多可搜索 {count} 个字符。",
        often="搜索过于频繁，请在 {count} 秒后再试。",
        no_page="没有这个页面",
        no_page_why="本书在此地址没有页面，可能已移动或改名。",
        back="返回《{title}》的目录",
    ),
    "ja": SiteWords(
        books="本の一覧",
        contents="目次",
        chapters="章",
        previous="前へ",
        next="次へ",
        in_chapter="この章の内容",
        close="閉じる",
        to_text="本文へ移動",
        to_asking="質問へ移動",
        ask="この本に質問する",
        no_script="質問には JavaScript が必要です。読むだけなら不要です。",
        lead="章を読み、わからない箇所があれば選択して質問してください。ここから質問することもできます。回答には、もとになった節が示されます。",
        search="検索",
        search_book="この本を検索",
        found="検索：{query}",
        none="これらの言葉を含む節はありません。別の言葉を試すか、文でこの本に質問してください。",
        long="検索できるのは {count} 文字までです。",
        often="検索が多すぎます。{count} 秒後にもう一度お試しください。",
        no_page="このページはありません",
        no_page_why="このアドレスにはページがありません。移動したか、名前が変わった可能性があります。",
        back="「{title}」の目次に戻る",
    ),
    "ar": SiteWords(
        books="الكتب",
        contents="المحتويات",
        chapters="الفصول",
        previous="السابق",
        next="التالي",
        in_chapter="في هذا الفصل",
        close="إغلاق",
        to_text="الانتقال إلى النص",
        to_asking="الانتقال إلى السؤال",
        ask="اسأل الكتاب",
        no_script="السؤال يحتاج إلى JavaScript، أما القراءة فلا.",
        lead="اقرأ فصلًا، وإذا لم يتضح شيء فحدّد الفقرة واسأل. ويمكنك أن تسأل من هنا أيضًا. تذكر كل "
        "إجابة الأقسام التي أُخذت منها.",
        search="بحث",
        search_book="البحث في الكتاب",
        found="بحث: {query}",
        none="لا يوجد قسم فيه هذه الكلمات. جرّب غيرها، أو اسأل الكتاب بجملة كاملة.",
        long="ابحث عن {count} حرف على الأكثر.",
        often="عمليات بحث كثيرة جدًا؛ عُد بعد {count} ثانية.",
        no_page="لا توجد صفحة كهذه",
        no_page_why="ليس في الكتاب صفحة بهذا العنوان. ربما نُقلت أو تغيّر اسمها.",
        back="العودة إلى محتويات {title}",
    ),
    "hi": SiteWords(
        books="पुस्तकें",
        contents="विषय-सूची",
        chapters="अध्याय",
        previous="पिछला",
        next="अगला",
        in_chapter="इस अध्याय में",
        close="बंद करें",
        to_text="पाठ पर जाएँ",
        to_asking="प्रश्न पर जाएँ",
        ask="पुस्तक से पूछें",
        no_script="पूछने के लिए JavaScript चाहिए, पढ़ने के लिए नहीं।",
        lead="कोई अध्याय पढ़ें, और जहाँ कुछ स्पष्ट न हो, वह अंश चुनकर पूछें। आप यहाँ से भी पूछ सकते हैं। "
        "हर उत्तर बताता है कि वह किन अनुभागों से है।",
        search="खोजें",
        search_book="पुस्तक में खोजें",
        found="खोज: {query}",
        none="किसी अनुभाग में ये शब्द नहीं हैं। दूसरे शब्द आज़माएँ, या पूरे वाक्य में पुस्तक से पूछें।",
        long="अधिक से अधिक {count} वर्ण खोजें।",
        often="बहुत अधिक खोजें; {count} सेकंड बाद फिर आएँ।",
        no_page="ऐसा कोई पृष्ठ नहीं है",
        no_page_why="इस पते पर पुस्तक का कोई पृष्ठ नहीं है। शायद वह हटाया गया या उसका नाम बदल गया।",
        back="{title} की विषय-सूची पर लौटें",
    ),
}


def site_words(code: str) -> SiteWords:
    """The words of a language by its ISO 639-1 code; English where it is none of these.

    >>> site_words("de").search, site_words("fi").search
    ('Suchen', 'Search')
    """
    return _BY_CODE.get(code, ENGLISH)
