#include "History.h"

namespace hexachord
{
namespace
{

constexpr std::size_t mostSteps = 100;
constexpr juce::uint32 oneStepMs = 600;

}  // namespace

bool Snapshot::hasSameBank (const Snapshot& other) const
{
    return program == other.program && bankName == other.bankName
        && bank.voices == other.bank.voices;
}

bool Snapshot::operator== (const Snapshot& other) const
{
    return hasSameBank (other) && voice == other.voice && values == other.values
        && neural == other.neural;
}

Snapshot History::present() const
{
    const auto& instrument = processor.instrument;
    Snapshot snapshot {
        instrument.bank(), instrument.bankName(), instrument.program(), instrument.voice(), {},
        instrument.neuralSound()
    };
    for (auto i = 0; i < parameterCount; ++i)
        snapshot.values[static_cast<std::size_t> (i)] = processor.parameter (i).plain();
    return snapshot;
}

void History::restore (const Snapshot& snapshot)
{
    const auto now = present();
    auto& instrument = processor.instrument;
    const auto nameDiffers = nameOf (now.voice) != nameOf (snapshot.voice);
    if (! now.hasSameBank (snapshot))
        instrument.setBank (snapshot.bank, snapshot.bankName, snapshot.program);
    if (nameDiffers || ! now.hasSameBank (snapshot))
        instrument.setVoice (snapshot.voice);
    if (! (instrument.neuralSound() == snapshot.neural))
        instrument.restore (snapshot.neural);
    for (auto i = 0; i < parameterCount; ++i)
        if (processor.parameter (i).plain() != snapshot.values[static_cast<std::size_t> (i)])
            processor.parameter (i).setPlain (snapshot.values[static_cast<std::size_t> (i)]);
    processor.hostShouldReadParameters();
}

void History::remember (int parameter)
{
    const auto nowMs = juce::Time::getMillisecondCounter();
    const auto continues =
        parameter != noParameter && parameter == lastParameter && nowMs - lastTimeMs < oneStepMs;
    if (! continues)
        remember (present());
    lastParameter = parameter;
    lastTimeMs = nowMs;
}

void History::remember (const Snapshot& before)
{
    lastParameter = noParameter;
    past.push_back (before);
    future.clear();
    if (past.size() > mostSteps)
        past.erase (past.begin());
}

void History::move (std::vector<Snapshot>& from, std::vector<Snapshot>& to)
{
    // A gesture that changed nothing in the end is no step.
    const auto now = present();
    while (! from.empty() && from.back() == now)
        from.pop_back();
    if (from.empty())
        return;
    to.push_back (now);
    const auto wanted = from.back();
    from.pop_back();
    lastParameter = noParameter;
    restore (wanted);
}

}  // namespace hexachord
