"""How results look in a browser: what a page shows, its drawings, templates and style sheet."""
