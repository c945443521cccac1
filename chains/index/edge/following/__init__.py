"""An embedded index that another process has open, read from copies of its current version."""
