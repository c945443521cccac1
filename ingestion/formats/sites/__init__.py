"""Makes of sites: Jekyll, Hugo, and what any other has built."""
