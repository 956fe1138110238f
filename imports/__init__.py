"""What an operator brings along from another platform: stations, people, tags, past sessions."""
