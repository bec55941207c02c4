"""What happens by itself, when. `python -m jobs` runs it alone; `tracker serve` runs it beside the web."""
