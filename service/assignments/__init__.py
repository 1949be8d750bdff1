"""Pairs through their life: approved → accepted → in an order → ended."""
