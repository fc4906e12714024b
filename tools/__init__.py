"""What makes, checks and measures the app; the app itself imports nothing from here."""
