"""Makes of sites: Jekyll, Hugo."""
