project = "Springs and Dampers"
extensions = ["myst_parser", "sphinx_design", "sphinx_proof", "sphinx_exercise"]
myst_enable_extensions = ["colon_fence", "dollarmath", "amsmath", "attrs_block", "attrs_inline"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "drafts", "parts"]
suppress_warnings = ["myst.header", "toc.not_included"]
