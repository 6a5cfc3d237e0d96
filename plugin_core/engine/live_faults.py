"""What may be wrong with the weights and the layers of a live model, in words for people."""

LIVE_FAULTS = (
    "",
    "it has no weights, or more than there is room for",
    "it has another number of layers than a live model",
    "a layer is of another kind than in a live model",
    "a layer has another size than those that it connects",
    "a layer lies outside the weights",
    "it has no instruments, or more than 64",
    "a weight is NaN or infinite",
)
"""What `check_model` finds: the number in `fault` -> what is wrong with the file; 0 is nothing."""
