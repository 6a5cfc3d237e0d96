#include "Gesture.h"

namespace hexachord
{

Gesture::Gesture (Desk& desk, Parameter& moved) : parameter (moved)
{
    desk.history.remember (parameter.index());
    parameter.beginChangeGesture();
}

Gesture::~Gesture()
{
    parameter.endChangeGesture();
}

void Gesture::set (float plain)
{
    const auto& info = parameter.info();
    if (info.step > 0.0f)
        plain = info.low + std::round ((plain - info.low) / info.step) * info.step;
    plain = juce::jlimit (info.low, info.high, plain);
    if (plain != parameter.plain())
        parameter.setPlainNotifyingHost (plain);
}

}  // namespace hexachord
