"""What the platform sells to operators: plans, licences for stations, and its own invoices."""
