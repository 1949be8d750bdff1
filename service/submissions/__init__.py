"""Respondents answer by link; the curator enters what came on paper."""
