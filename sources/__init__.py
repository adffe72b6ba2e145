"""Sources: one file per site. `base` holds the contract and the registry."""
