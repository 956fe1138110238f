"""What it costs: tariffs, charges, payments, receipts, the ledger."""
