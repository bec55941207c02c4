"""One file for each format: bytes in, `Document` out. What a file is, and which file reads it, says kinds.py."""
