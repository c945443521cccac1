"""An answer around its model: follow-ups, the relevance gate, the draft, citations, grounding."""
