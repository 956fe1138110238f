"""What stands there: stations, connectors, their states, commands to them, the numbers on their labels."""
