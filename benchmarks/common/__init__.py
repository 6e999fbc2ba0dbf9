"""What the benchmarks share: tables, processes and what they take, environments of rivals."""
