"""Benchmarks: speed and quality measured beside a floor or a peer in the same run. Nothing in the product needs them."""
