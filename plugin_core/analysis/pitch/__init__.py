"""The fundamental frequency of monophonic audio."""
