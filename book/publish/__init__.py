"""Both sites, built with MkDocs, and the live preview."""
