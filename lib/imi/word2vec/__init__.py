"""Training word vectors fast: what to sample, the inner loops, and the trainer around them."""
