"""Staff sign in; roles; the organisation's card."""
