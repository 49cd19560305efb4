"""The template of the page and its styles."""
