"""Hand-overs: a property with all that stands in it gets another owner."""
