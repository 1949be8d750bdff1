"""The curator matches mentors with mentees: snapshot → proposal → approval."""
