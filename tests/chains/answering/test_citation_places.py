from chains.answering.brackets import Bracket
from chains.answering.prose import Prose
from tests.support.citation_places import CITATION_PLACES


def test_the_server_takes_for_citations_what_the_widget_does() -> None:
    for text, numbers in CITATION_PLACES.items():
        pieces = Prose().feed(text, is_last=True)
        found = [int(piece.numbers) for piece in pieces if isinstance(piece, Bracket)]
        assert found == numbers, text
