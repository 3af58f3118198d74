"""After the transfer: contacts, check-ins, and what the closing waits for."""
