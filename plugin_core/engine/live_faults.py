"""What may be wrong with the weights and the layers of a model, in words for people."""

LIVE_FAULTS = (
    "",
    "it has no weights, or more than there is room for",
    "it has another number of layers than a live model",
    "a layer is of another kind than in a live model",
    "a layer has another size than those that it connects",
    "a layer lies outside the weights",
    "it has no instruments, or more than 64",
    "a weight is NaN or infinite",
    "it has another number of layers than a DDX7 model",
    "a layer is of another kind or size than in a DDX7 model",
    "a value of its DX7 voice is none that a DX7 can store",
    "a number in its table PLAYING is out of range",
)
"""What `check_model` finds: the number in `fault` -> what is wrong with the file; 0 is nothing."""
