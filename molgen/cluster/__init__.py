"""Where a campaign's molecules are scored: in this process, or by workers on a Ray cluster."""
