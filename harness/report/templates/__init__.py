"""The templates of the pages, their styles and their scripts."""
