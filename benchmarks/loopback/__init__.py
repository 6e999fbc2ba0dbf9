"""What `benchmarks/serve.py` is made of: data, servers, load and attacks, all over loopback."""
