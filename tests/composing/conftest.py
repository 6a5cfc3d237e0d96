"""Networks run on one thread: more are slower, by far (DESIGN.md, section 7)."""

import torch

torch.set_num_threads(1)
