"""Facts to verdicts, reasons, measures and due dates by the rules of a county: pure, time is an argument."""
