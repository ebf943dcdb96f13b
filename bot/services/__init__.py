"""The deeds: one module per use-case, each joining content, rules and storage in one transaction."""
