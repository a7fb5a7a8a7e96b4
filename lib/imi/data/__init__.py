"""Real data: where it comes from, and how it becomes words and numbers."""
