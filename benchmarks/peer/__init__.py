"""Our server beside a peer: both stream the answers of one model, whose tokens have times."""
