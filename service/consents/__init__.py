"""Consent to personal-data processing: its own document, given or refused, by link or on paper."""
