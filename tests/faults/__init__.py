"""A whole shop in the cloud on its bad days: its lines to everything are troubled while it is
changed and searched, and an oracle knows what must hold all the same."""
