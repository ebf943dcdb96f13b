"""Questionnaires and the conversation through them: pure, replayed from the answers, no input or output."""
