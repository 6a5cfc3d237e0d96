"""The real-time voice engine: records, events, kernels, and offline performance over them."""
