"""The page as a notebook."""
