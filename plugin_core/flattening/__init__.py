"""A DDX7 model as an ordinary DX7 voice: what its operators do on the mean, told by envelopes."""
