"""What happens: authorisations, sessions, meter values."""
