"""An account is closed: what ends, what has to be kept and how long, and its copy for the owner."""
