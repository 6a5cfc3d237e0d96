"""Where the instrument meets JUCE: graphs, effects, plug-ins, and the `hexachord` command."""
