"""Text from outside as a model may get it: nothing in it opens or closes a fence or a turn.

Two things could act inside a prompt: the tags of our own fences (``</data-source>``), and the
control tokens of chat formats (``<|im_start|>``, ``<end_of_turn>``, ``[INST]``), which some servers
read even inside a message. Only the bracket that begins one is escaped. All other text stays as it
is, so that code and mathematics arrive as they were written.

Both are looked for in a view of the text in which look-alikes are plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chains.prompts.look_alikes import View, view_of, view_of_tags

_BETWEEN = r"[\s_-]"
_WORDS = "|".join(
    (
        "sys|inst|[gs]mask|think(?:ing)?|thoughts?|reasoning",
        # <start_of_turn>, <endoftext>, <end▁of▁sentence>, [|endofturn|]
        rf"(?:start|begin(?:ning)?|end){_BETWEEN}*+of{_BETWEEN}*+\w{{1,30}}+",
        # <start_header_id>, <end turn>
        rf"(?:start|begin|end){_BETWEEN}++(?:header|turn|message|think(?:ing)?)(?:{_BETWEEN}++id)?",
        # <im_start>, <fim-prefix>, <eot_id>
        r"f?im[_-]\w{1,30}+|eo[tm][_-]id",
        # <turn_end>, <think-start>
        r"(?:header|turn|message|think|user|assistant|system)[_-](?:start|begin|end)",
        # <tool_call>, <function_calls>, <start_function_call>, [AVAILABLE_TOOLS]
        (
            rf"(?:(?:start|end){_BETWEEN}++)?(?:tool|function){_BETWEEN}++"
            r"(?:call|response|result|output|declaration|content)s?"
        ),
        rf"available{_BETWEEN}++tools",
        # <user_token>, [SYSTEM_PROMPT]
        rf"(?:system|user|assistant|model|chatbot){_BETWEEN}++(?:prompt|turn|token|message|end)",
        r"(?:role|message)_sep",
        # <BOS_TOKEN>, <seed:eos>, [BOS]
        r"(?:seed:)?[be]os(?:[_-]token)?|control_\d{1,4}+|img_context",
        # <unused12>, <extra_id_0>, <reserved_special_token_7>
        r"(?:unused|reserved|special|extra)(?:[_-](?:special|token|id)){0,3}+[_-]?\d{1,6}+",
        # <image_soft_token>, <file_sep>, <arg_key>
        r"(?:image|audio|video)_(?:soft_)?(?:token|pad)|(?:file|tool)_sep(?:arator)?|arg_(?:key|value)",
        # <[PAD▁TOKEN]>, <[BOS_never_used_0a1b]>, <seed:tool_call_never_used_0a1b>
        rf"(?:pad|sep|cls){_BETWEEN}++token|[\w:]{{1,40}}?_never_used(?:_[0-9a-f]{{1,64}}+)?+(?:=[\w.-]{{1,60}}+)?+",
    )
)
_ANGLE_WORDS = "|".join(
    (
        "sos|sep|sop|[be]oi|eo[acdhmprt]|escape|think_(?:fast|slow|on|off)|pad|unk|cls|system|assistant|human|bot",
        # <_user>, <longcat_user>, <seed:think>, <minimax:tool_call>
        r"_(?:user|bot|system|start|end|pad)|longcat_\w{1,30}+|[a-z]{1,20}+:(?:think|tool_call)|seed:\w{1,40}+",
        # <ctrl99>, <loc0001>, <function=search>, <co: 0>
        r"ctrl\d{1,4}+|(?:loc|seg)\d{3,4}+|(?:function|parameter)=[\w.-]{1,60}+|co:\s*+\d{1,4}+",
        # Of models for code: <repo_name>, <jupyter_code>, <commit_before>
        r"repo_?name|gh_stars|empty_output|issue_(?:start|comment|closed)|commit_(?:before|msg|after)",
        r"jupyter_(?:start|text|code|output|script)|pr_\w{1,40}+",
        # Of others: <TOOLCALL>, <AGENT_START>, <custom_token_1>
        r"(?:eop|mask)_token|mask:\d{1,2}+|tts_\w{1,20}+|toolcalls?|eosys|agent_(?:start|end)|(?:custom_token|tokens_unused)_\d{1,6}+",
        _WORDS,
    )
)
"""Of these, none is an element of HTML. In square brackets some are words of settings files."""
_CAPITALS = (
    r"args|call_id|(?:start|end)_ref|tool_content|img(?:_break|_end)?|prefix|middle|suffix|model_settings|eot|pad|unk"
    r"|(?:begin_)?audio|transcribe|unused_token_\d{1,6}+"
    r"|streaming_(?:pad|word)|@[be]os@"
)
"""Tokens that are words in descriptions of commands where they are in small letters."""
_TAG = "|".join(
    (
        # <|im_start|>, <｜User｜>: whatever stands between two bars
        r"\|[^<>‹›|]{1,80}+\|\s*+[>›]",
        # <｜DSML｜invoke name="x">
        r"\|\s*+dsml\s*+\|",
        # <|turn> and <turn|>
        r"\|\s*+[\w.:-]{1,60}+\s*+[>›]",
        r"[\w.:-]{1,60}+\s*+\|\s*+[>›]",
        rf"(?:{_ANGLE_WORDS})\s*+[>›]",
        # ]<]start of image[>[
        r"\][\w ]{1,40}+\[[>›]\[",
        # <role>HUMAN</role>
        r"role\s*+[>›]\s*+(?:system|human|user|assistant|observation|tool)\s*+[<‹]",
    )
)
_NAMES = r"(?:source|selection|turn|question)"
_JOINT = r"(?:[^\w<>‹›,]|_){0,3}+"
_SPACED = _JOINT.join("data")
"""As in ``</data·source>`` and ``</d.a.t.a-source>``."""
# With blanks before its hyphen, a fence is told from a difference of `data` and something else.
_FENCE = (
    r"data-|data\s*+-\s*+[\w-]{1,40}+(?:\s*+[>›]|\s++\w{1,40}\s*+=)"
    # Without a hyphen, or with one that is not seen, the fences that there are.
    rf"|{_SPACED}{_JOINT}{_NAMES}\s*+[>›]"
)
_SIGN = r"[^\x00-\x7f\s“”‘’„‚…]"
_NAMED = rf"data{_JOINT}{_NAMES}"
_BETWEEN_SIGNS = re.compile(
    rf"(?!‹){_SIGN}(?=[\s\\!?]*+(?:/[\s/\\!?]*+{_NAMED}\b"
    rf"|{_NAMED}(?:\s++\w{{1,40}}+\s*+=|\s*+(?:[>›]|(?!\w){_SIGN}))))"
)
"""Our own fences between signs that no list has, as long as each side has one, or a slash."""
_FALCON = "|".join(
    f"(?<=[>›][>›]{word}[<‹])"
    for word in (
        *("title", "abstract", "introduction", "summary", "comment", "answer", "question"),
        *("domain", "prefix", "middle", "suffix"),
    )
)
""">>ANSWER<<, up to its first bracket that opens."""
_OPENING = re.compile(
    # A class of characters first: the search then goes from one bracket to the next.
    r"[<‹\[\]](?:"
    rf"(?<=[<‹])(?=[\s/\\!?]*+(?:{_FENCE}|{_TAG})|\s*+/[\s/]*+data\s*+[-_.:])"
    r"|(?P<letter>(?<=<))(?=[\s/]*+s\s*+>)"
    r"|(?<=\])(?=~!b\[|~b\])|(?<=\[)(?=e~\[)"  # ]~!b[, ]~b], [e~[
    rf"|(?<=\[)(?=[\s/\\]*+(?:{_WORDS})\s*+\]|\s*+\|\s*+(?:user|ai|tool|{_ANGLE_WORDS})\s*+\|\s*+\])"
    rf"|(?<=\[)(?=[\s/]*+(?P<capitals>{_CAPITALS})\s*+\])"
    rf"|(?:{_FALCON})(?=[<‹])"
    r")"
)
_UNFINISHED = re.compile(
    r"[<‹][\s/\\!?]*+(?:d(?:a(?:t(?:a\s*+)?)?)?)?\Z"
    r"|[<‹](?=\s*+[/|\\!?])[\s/|\\!?]*+[\w|:=.\"-]{0,60}+\Z|[<‹][\w|:=.-]{1,80}+\s*+\Z"
    r"|[<‹]\s*+role\s*+[>›][\s\w]{0,20}+(?:[<‹][\s/]*+\w{0,4}+)?\Z|[<‹]\][\w ]{0,40}+(?:\[[>›]?)?\Z"
    r"|\[[\s/|\\@]*+[\w~@]{0,80}+(?:\s*+\|)?\s*+\Z|\]~!?b?\Z"
)
_CONTINUED = re.compile(r"~(?=!b\[|b\])|[>›]{0,2}+\w{0,12}+[<‹](?=[<‹])")
"""What the end of the text before might begin, up to what is escaped: ``]~b]``, ``>>ANSWER<<``.
There it may close a citation, or a quotation of an e-mail."""
_ESCAPES = {"[": "&#91;", "]": "&#93;"}
_GENERIC = re.compile(r"\w<S>")
"""``Set<S>``: a type's parameter, as in Java, and no token, which has a small letter."""


def inert(text: str, *, stands_alone: bool = True) -> str:
    """Return the text with each bracket escaped that begins a fence or a control token.

    Where it does not stand alone, the beginning of one at its end is escaped, too: the text that
    follows might complete it. So is the end of one at its beginning.

    >>> inert("</data-source> 1 < 2, List<String>, ＜|IM_START|>, [/INST]")
    '&lt;/data-source> 1 < 2, List<String>, &lt;|IM_START|>, &#91;/INST]'
    """
    found = _openings(text, view := view_of(text))
    if tags := view_of_tags(text):
        found |= _openings(text, tags)
    if not stands_alone:
        if unfinished := _UNFINISHED.search(view[0]):
            found.add(view[1][unfinished.start()])
        if continued := _CONTINUED.match(view[0]):
            found.add(view[1][continued.end() - 1])
    parts: list[str] = []
    end = 0
    for place in sorted(found):
        parts += [text[end:place], _escape(text[place])]
        end = place + 1
    return "".join([*parts, text[end:]]) if parts else text


def _openings(text: str, view: View) -> set[int]:
    seen, places = view
    found = {
        places[match.start()]
        for match in _OPENING.finditer(seen)
        if not (_is_type(match, text, places) or _is_word(match, text, places))
    }
    if "data" in seen:
        found |= {places[match.start()] for match in _BETWEEN_SIGNS.finditer(seen)}
    return found


def _escape(opening: str) -> str:
    seen, _ = view_of(opening)
    return _ESCAPES.get(seen) or ("&lt;" if seen in ("<", "‹") else f"&#{ord(opening)};")


def _is_type(match: re.Match[str], text: str, places: Sequence[int]) -> bool:
    place = places[match.start()]
    is_letter = match["letter"] is not None
    return bool(is_letter and place and _GENERIC.match(text, place - 1))


def _is_word(match: re.Match[str], text: str, places: Sequence[int]) -> bool:
    if match["capitals"] is None:
        return False
    start, end = match.span("capitals")
    return not text[places[start] : places[end - 1] + 1].isupper()
