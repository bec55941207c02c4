"""One file for each format: bytes in, `Document` out. Which file reads what, kinds.py says."""
