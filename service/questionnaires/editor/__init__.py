"""Questionnaires written in the browser: every button a form post, every step undone, nothing lost."""
