"""What `benchmarks/serve.py` is made of: the data, the servers, the load and the attacks."""
