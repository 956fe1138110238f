"""The toolbox: no word of the business in here."""
