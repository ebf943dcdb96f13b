"""Tables, ledgers and lists of an office: one module for each family of reports (outputs.md B)."""
