"""The catalogues: every text in nynorsk and English, and the tool that gathers the texts."""
