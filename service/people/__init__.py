"""The banks: mentors and mentees, newcomers, a person's page."""
