"""What measures the book (``bench``) and what breaks it on purpose (``drill``)."""
