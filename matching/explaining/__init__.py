"""Why so, and what if: every answer as exact as solving again."""
