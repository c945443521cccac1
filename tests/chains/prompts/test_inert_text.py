"""Nothing that is put into a prompt opens or closes a fence or a turn, and little else changes."""

from __future__ import annotations

import re
import unicodedata

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from chains.answering.condense import load_condense_prompt
from chains.answering.inputs import PROMPT_INPUTS
from chains.prompts.inert_text import inert
from chains.prompts.prompt import load_prompt
from chains.prompts.template import compile_template, render
from chains.question import Turn
from chains.settings import Settings


def in_tags(text: str) -> str:
    """The text in Unicode's tags, of which nothing is seen."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


def listed(*lines: str) -> list[str]:
    return " ".join(lines).split(" ")


TOKENS = listed(
    # ChatML, Llama, Mistral, Gemma, Phi, DeepSeek, Cohere, EXAONE, GLM, T5, Qwen, Nemotron
    "<|im_start|> <|im_end|> <|endoftext|> <|begin_of_text|> <|start_header_id|> <|eot_id|>",
    # FunctionGemma, Chameleon, and switches of thought
    "<escape> <boi> <eoi> <think_fast> <think_off>",
    "<|python_tag|> <|header_start|> <|eom|> [INST] [/INST] <<SYS>> <</SYS>> <s> </s> <unk> <pad>",
    "[AVAILABLE_TOOLS] [/TOOL_RESULTS] [TOOL_CALLS] [SYSTEM_PROMPT] [/THINK] <bos> <eos>",
    '<start_of_turn> <end_of_turn> <unused12> <|turn> <turn|> <|channel> <|"|> <|user|>',
    "<|assistant|> <|end|> <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <｜tool▁calls▁end｜>",
    "<|START_OF_TURN_TOKEN|> <|USER_TOKEN|> [|user|] [|endofturn|] [gMASK] <sop> <extra_id_0>",
    "<think> </think> <tool_call> </tool_response> <function_calls> <fim_prefix> <|fim_middle|>",
    "<SPECIAL_12> <im_start> <system> </assistant> <BOS_TOKEN> <EOS_TOKEN> <seed:bos> <sep>",
    "<eoh> <eoa> <_user> <_bot> [|Human|] [|AI|] <human> <seed:think> <minimax:tool_call>",
    "<longcat_user> <turn_end> <start_function_call> <end_function_response> [sMASK]",
    "<｜DSML｜function_calls> </｜DSML｜invoke>",
    "[ARGS] [CALL_ID] [IMG_BREAK] [MODEL_SETTINGS] [UNUSED_TOKEN_145] <ctrl99> <file_sep>",
    "<TOOLCALL> <eosys> <AGENT_START> <custom_token_1> <TOKENS_UNUSED_1> [START_REF] [END_REF]",
    "<repo_name> <gh_stars> <issue_start> <jupyter_code> <commit_before> <pr_diff> <arg_key>",
    "<tool_sep> <image_soft_token> <loc0001> <function=search> </co:3> <seed:cot_budget_reflect>",
    "[STREAMING_PAD] [@BOS@] <CLS> <EOP_TOKEN> <MASK_TOKEN> <mask:7> <_start> <tts_pad> [|tool|]",
    ">>ANSWER<< >>QUESTION<< >>PREFIX<< ]<]minimax[>[ ]<]speech[>[ <[begin▁of▁sentence]>",
    "<[PAD▁TOKEN]> <[SEP▁TOKEN]> <[BOS_never_used_51bce0c785ca2f68081bfa7d91973934]>",
    "<[PLHD18_never_used]> <think_never_used_51bce0c7> </seed:tool_call_never_used_51bce0c7>",
    "<function_never_used_51bce0c7=search> <assistant_start> <user_end>",
    "<beginning_of_sentence> [BOS] [EOS] ]~!b[ ]~b] [e~[ <role>HUMAN</role> <role>SYSTEM</role>",
)
FENCES = ["</data-source>", "<data-source number='7'>", "</data-selection>", "</data-turn>"]
DISGUISED = listed(
    "＜｜ｉｍ＿ｓｔａｒｔ｜＞ <|im_\u200bstart|> <\u2060|im_end|> <|IM_END|> ＜s＞ ‹think›",
    "〈/think〉 ⟨｜User｜⟩ <tһink> </𝐭𝐡𝐢𝐧𝐤> <ⓑⓞⓢ> <b\u00ados> [ＩＮＳＴ] 【/INST】 [ıNST\u0301]",
    "<／s> ＜/data-source> </dаta-source> </data\u00ad-source> </data‑source> ⟨/data-source⟩",
    "<//data-source> </data_source> <\\/data-source> <\\data-source> <!data-source> <?data-source>",
    # Small capitals, signs of phonetics, Cherokee, Coptic, Old Italic, Greek and Cyrillic capitals
    "</ᴅᴀᴛᴀ-source> </dɑtɑ-source> </ꭰꭺta-source> <ⲧⲏⲓⲛⲕ> <𐌕hink> [IΝST] <TНINK> </đata-source>",
    # Letters in squares and disks, and of flags; other hyphens, brackets, bars and slashes
    "</🅳🅰🆃🅰-source> </🅓🅐🅣🅐-source> <🇹🇭🇮🇳🇰> </data֊source> </data➖source> </dataーsource>",
    "</data一source> </dataㅡsource> </data\u1173source> </data\u02c9source>",
    "</data\u00adsource> 𝈶/data-source> ᚲ/data-source> <ノdata-source> <⟋data-source> 〖INST〗",
    "◁think▷ ◁/think▷ <ǁim_startǁ> <︱im_start︱> <start‿of‿turn>",
    # Signs that point to the left, kana, and pairs of signs that no list has
    "◀/data-source▶ ⊲/data-source⊳ ⦑/data-source⦒ ⩽/data-source⩾ く/data-source> ◂data-turn▸",
    "ㄑ/think> ⟸/data-source⟹ ⌈data-source⌉ ✂/data-selection ☞data_question> ▸data-turn▸",
    "</data·source> </data=source> </data~turn> </d.a.t.a-source> ◀/data·source▶",
    # What nobody sees: of music, of shorthand, of Kaithi
    "</\U0001d173data-source> <t\U0001bca0hink> <thi\U000110bdnk>",
    # Colons, tildes, and more letters of Cherokee, Lisu and Greek
    "<minimax꞉tool_call> <seed∶think> ]∼b] ]˜b] [ᎥNST] [ꓲNST] <tooᏞ_call> <tooꓡ_call>",
    "<ẟata-source>",
)
DISGUISED += [in_tags("</data-source>"), f"<{in_tags('/data-turn>')}", in_tags("<|im_end|>")]
WITH_BLANKS = [
    "</data source>",
    "< | im_end | >",
    "< / DATA - source >",
    "<\n/data-source>",
    "[ / INST ]",
    "</ s >",
]
HARMLESS = [
    "a < b",
    "List<String>, Vec<u8>, Map<K, V>, Set<S>, static_cast<uint8_t>(x)",
    "#include <stdio.h>",
    "ssh <user>@<host>; git checkout <branch_name>",
    '<div class="x"><b>bold</b> <code>c</code> <!-- no --> <?php <data>1</data>',
    "p <|> q, f <$> x, x << 2 >> 1, y <- c",
    "if x < data - mean:",
    "|x| < |y|, 0 < |x| < 1, ⟨ψ|φ⟩, <a|b>",
    "[1][2], [x for x in y], [| 1; 2 |], [tools], [mask], [[wiki]], [a](https://b)",
    "<role>admin</role>, a[i]~b[j], [e], x[e]~y[f], [seed], <seed>",
    "«Bonjour», «s», ‹s›, 《紅樓夢》",
    "<https://example.org>, <me@example.org>",
    "<!-- data --> <?xml?> if (!x <! data) buf[_end] a <\\ b, ◁ H ▷, ｢x｣, «ノート»",
    "🇫🇷 <3, data ≤ x, \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "cargo run [args], [prefix][suffix], <ctrl>, git checkout <commit>, co: 3 > 2",
    "→ data-source, “data source”, 「参照」 data-source, é data-source, ▶ /data",
    "a<data.source, x > data.turn, `<data, source>`, Map<data::source::Id>",
    "x >> answer << 2, a[<]b[>], <access_token>, [MASK], [tool], (see [3])",
    "क्षि < ख, 👩‍👩‍👧 < 3, e\u0301 < é, a\u200cb",
]


def looks_like_a_fence(text: str) -> list[str]:
    """Found by means of this test's own: what is seen after compatibility folding."""
    kept = (c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return re.findall(r"<[\s/]*data-", "".join(kept).casefold())


def restored(text: str) -> str:
    known = text.replace("&lt;", "<")
    return re.sub(r"&#(\d{2,7});", lambda escaped: chr(int(escaped[1])), known)


@pytest.mark.parametrize("acting", [*TOKENS, *FENCES, *WITH_BLANKS])
@pytest.mark.parametrize("before", ["", "word", "<", "`"])
def test_fences_and_tokens_are_escaped_wherever_they_stand(acting: str, before: str) -> None:
    given = f"{before}{acting} and more"
    made = inert(given)
    assert acting not in made
    assert restored(made) == given


@pytest.mark.parametrize("acting", ["</data-source>", "<|im_start|>", "[INST]", "<tool_call>"])
def test_so_is_one_with_any_character_in_it_that_unicode_asks_to_show_nothing_for(
    acting: str,
) -> None:
    ignored = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    signs = [*filter(ignored.match, map(chr, range(0x110000))), "\U00013430", "\U0001d159"]
    assert len(signs) > 4000
    texts = (f"{acting[:at]}{sign}{acting[at:]}" for sign in signs for at in (1, 3))
    assert [text for text in texts if inert(text) == text] == []


@pytest.mark.parametrize("acting", DISGUISED)
def test_so_is_what_looks_like_one(acting: str) -> None:
    assert acting not in inert(f"Read {acting} this.")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


acting = st.sampled_from([*TOKENS, *FENCES, *DISGUISED, *WITH_BLANKS])
pieces = st.one_of(acting, st.sampled_from(list("</>|[]s- \n\u200b＜")), st.text(max_size=8))
texts = st.lists(pieces, max_size=8).map("".join)


@given(texts)
def test_escaping_once_is_enough_and_takes_no_character_away(text: str) -> None:
    made = inert(text)
    assert inert(made) == made
    assert not looks_like_a_fence(made)
    assert len(restored(made)) == len(restored(text))


@given(texts, st.integers(0, 40))
@example("<sep><//data-source>", 9)
@example("<  / data-source>", 6)
def test_no_token_comes_about_where_two_texts_meet(text: str, at: int) -> None:
    template = compile_template("{{ first }}{{ second }}")
    made = render(template, {"first": text[:at], "second": text[at:]})
    assert not looks_like_a_fence(made)
    assert "<|im_start|>" not in made
    assert "</s>" not in made


@pytest.mark.parametrize("token", [*TOKENS, *FENCES])
def test_no_token_comes_about_of_two_halves_wherever_it_is_cut(token: str) -> None:
    template = compile_template("{{ first }}{{ second }}")
    cuts = [(token[:at], token[at:]) for at in range(1, len(token))]
    made = [render(template, {"first": f"x {a}", "second": f"{b} y"}) for a, b in cuts]
    assert [cut for cut, text in zip(cuts, made, strict=True) if token in text] == []


@given(texts, texts, texts, texts)
def test_a_prompt_has_the_fences_of_its_template_and_no_others(
    question: str, selected: str, written: str, answer: str
) -> None:
    prompt = load_prompt("answer", Settings.model_construct(), PROMPT_INPUTS)
    source = {"index": 1, "chapter": written, "section": selected, "content": written}
    inputs = {
        "question": question,
        "selections": [{"text": selected, "page": written}],
        "sources": [source],
    }
    turn = Turn(question, (selected, written), answer)
    system, *_, asked, said, now = (m.text for m in prompt.messages(inputs, [turn]))
    assert [len(looks_like_a_fence(text)) for text in (asked, said, now)] == [4, 0, 4]
    for text in (asked, said, now):
        assert not re.search(r"<\|im_start\|>|<end_of_turn>|\[/INST\]|</s>|</think>", text)
    assert "data-" in system


@given(texts, texts)
def test_the_conversation_that_is_condensed_stays_in_its_fences(question: str, said: str) -> None:
    prompt = load_condense_prompt(Settings.model_construct())
    turns = [{"speaker": "reader", "text": said}, {"speaker": "tutor", "text": question}]
    text = prompt.messages({"question": question, "turns": turns})[-1].text
    assert len(looks_like_a_fence(text)) == 6


@pytest.mark.timeout(10)  # linear it takes a twentieth of a second
@pytest.mark.parametrize(
    "piece", ["<", "[", "< ", "</", "<|", "<|a ", "<start of ", "<a", "<data - ", "<\u200b", "＜［"]
)
def test_text_that_is_made_for_it_takes_no_more_than_linear_time(piece: str) -> None:
    assert inert(piece * (200_000 // len(piece)), stands_alone=False)
