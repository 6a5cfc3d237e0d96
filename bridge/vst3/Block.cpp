#include "Block.h"

#include <algorithm>

namespace hexachord
{

Block::Block (Engine& engineToUse,
              const Patch& patchToUse,
              const ModelSlots& modelsToUse,
              std::vector<Event>& room,
              Transport transportAtStart,
              float* destination,
              int sampleCount) noexcept
    : engine (engineToUse),
      patch (patchToUse),
      models (modelsToUse),
      events (room),
      transport (transportAtStart),
      out (destination),
      samples (sampleCount)
{
    events.clear();
}

void Block::add (const Event& event) noexcept
{
    const auto at = std::clamp (event.offset, rendered, samples);
    if (events.size() == events.capacity())
        renderUntil (at);
    events.push_back (event);
    events.back().offset = at - rendered;
}

void Block::renderUntil (int sample) noexcept
{
    const auto end = std::clamp (sample, rendered, samples);
    if (end == rendered && events.empty())
        return;
    const auto minutes = rendered / engine.sampleRate() / 60.0;
    engine.render (events.data(),
                   static_cast<int> (events.size()),
                   patch,
                   models,
                   transport.tempoBpm,
                   transport.beat + minutes * transport.tempoBpm,
                   out + rendered,
                   end - rendered);
    events.clear();
    rendered = end;
}

}  // namespace hexachord
