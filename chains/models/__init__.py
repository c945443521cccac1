"""Chat models: which one the settings ask for, how it streams, and how it fails."""
