"""The pictures of the page: inline SVG in its own style, from the numbers that the plots show."""
