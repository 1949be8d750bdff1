"""What is measured against others, and how."""
