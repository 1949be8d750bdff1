"""Teams, minimums and formed groups are no flow: CP-SAT decides them, goal by goal, bound by bound."""
