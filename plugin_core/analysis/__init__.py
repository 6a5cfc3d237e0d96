"""What can be measured in audio: spectra, levels, distances."""
