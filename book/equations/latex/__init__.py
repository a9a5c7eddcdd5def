"""LaTeX read whole or refused, its value, and errors made in it on purpose. Knows nothing of the book."""
