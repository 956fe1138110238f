"""One change of prices, opening hours or VAT for many connectors of many properties; looked at first, and undone."""
