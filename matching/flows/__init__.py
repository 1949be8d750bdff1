"""Where only places count, an assignment is a flow: found by OR-Tools, proved by prices, goal by goal."""
