"""Report files: HTML, Markdown, model card."""
