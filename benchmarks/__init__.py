"""What is measured, on this machine, of the real server: `make bench`."""
