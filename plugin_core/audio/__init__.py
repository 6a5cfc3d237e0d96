"""Audio-rate kernels: numbers in, samples out, no knowledge of voices or hosts."""
