"""Partners: companies that put stations into service for operators, what they were trained for and what they did."""
