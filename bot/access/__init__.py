"""Who may have what, where, and what the audit log keeps of it."""
