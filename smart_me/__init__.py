"""What it means for an account to be one of smart-me, too: the link, what it forbids, and the way out."""
