"""The Markdown extensions that draw the evidence into a page. Draws with what is kept, runs nothing."""
