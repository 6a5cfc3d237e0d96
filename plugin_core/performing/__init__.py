"""Parts played by the neural instruments: from notes and lanes to frames and sound."""
