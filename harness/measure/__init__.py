"""What a model costs: throughput, latency, parameters, FLOPs, memory; and on what machine."""
