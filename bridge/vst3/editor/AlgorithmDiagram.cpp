#include "AlgorithmDiagram.h"

#include "Gesture.h"
#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr float largestBox = 44.0f, largestPitchX = 68.0f, largestPitchY = 72.0f, corner = 6.0f,
                outputHeight = 22.0f, loopWidth = 7.0f;
constexpr float quietestDb = -60.0f, levelSteps = 68.0f;

int algorithmOf (Desk& desk)
{
    static const auto index = parameterNamed ("algorithm");
    return juce::roundToInt (desk.processor.parameter (index).plain()) - 1;
}

float heightOf (float gain)
{
    const auto share = 1.0f - juce::Decibels::gainToDecibels (gain, quietestDb) / quietestDb;
    return std::round (juce::jlimit (0.0f, 1.0f, share) * levelSteps) / levelSteps;
}

}  // namespace

OperatorBox::OperatorBox (Desk& owner, int operatorNumber)
    : Button ("Operator " + juce::String (operatorNumber)), Polled (owner), number (operatorNumber)
{
    setTitle ("Operator " + juce::String (number));
    setDescription ("Selects the operator; with Shift switches it on or off");
    setTooltip ("Operator " + juce::String (number)
                + ": click to edit, Shift-click to switch on or off");
    setClickingTogglesState (false);
}

bool OperatorBox::isCarrier() const
{
    return (algorithmTable[algorithmOf (desk)].carriers & 1 << (number - 1)) != 0;
}

void OperatorBox::poll()
{
    const auto newLevel = heightOf (desk.processor.meter.operatorGain (number - 1));
    const auto newOn = desk.processor.parameter (operatorSwitch (number)).plain() > 0.5f;
    if (newLevel == level && newOn == isOn && isCarrier() == wasCarrier)
        return;
    level = newLevel;
    isOn = newOn;
    wasCarrier = isCarrier();
    repaint();
}

void OperatorBox::clicked (const juce::ModifierKeys& keys)
{
    if (keys.isShiftDown())
    {
        auto& parameter = desk.processor.parameter (operatorSwitch (number));
        Gesture (desk, parameter).set (parameter.plain() > 0.5f ? 0.0f : 1.0f);
        return;
    }
    desk.selectOperator (number);
}

void OperatorBox::focusGained (FocusChangeType cause)
{
    ringed = cause != focusChangedByMouseClick;
    Button::focusGained (cause);
}

void OperatorBox::paintButton (juce::Graphics& g, bool isOver, bool)
{
    const auto area = getLocalBounds().toFloat().reduced (2.0f);
    const auto isSelected = desk.selectedOperator() == number;
    juce::Path shape;
    shape.addRoundedRectangle (area, corner);
    {
        const juce::Graphics::ScopedSaveState state (g);
        g.reduceClipRegion (shape);
        g.setColour (isOver ? colour::faint : colour::card);
        g.fillRect (area);
        g.setColour (isOn ? colour::accent.withAlpha (0.30f) : colour::line);
        g.fillRect (area.withTop (area.getBottom() - level * area.getHeight()));
    }
    g.setColour (isSelected ? colour::accent : isCarrier() && isOn ? colour::ink : colour::line);
    g.strokePath (shape, juce::PathStrokeType (isSelected ? 2.2f : 1.4f));
    g.setColour (! isOn ? colour::line : isSelected ? colour::accent : colour::ink);
    g.setFont (isCarrier() ? boldFont (titleType) : plainFont (titleType));
    g.drawText (juce::String (number), getLocalBounds(), juce::Justification::centred, false);
    if (! isOn)
        g.drawLine (area.getX() + 8.0f,
                    area.getBottom() - 8.0f,
                    area.getRight() - 8.0f,
                    area.getY() + 8.0f,
                    1.4f);
    if (hasKeyboardFocus (false) && ringed)
        drawFocusRing (g, getLocalBounds().toFloat());
}

AlgorithmDiagram::AlgorithmDiagram (Desk& owner) : Polled (owner)
{
    setTitle ("Algorithm");
    for (auto op = 1; op <= 6; ++op)
    {
        auto& created = boxes[static_cast<std::size_t> (op - 1)];
        created = std::make_unique<OperatorBox> (desk, op);
        created->setExplicitFocusOrder (op);
        addAndMakeVisible (*created);
    }
    algorithm = algorithmOf (desk);
    layout = layoutOf (algorithm);
}

void AlgorithmDiagram::poll()
{
    const auto newAlgorithm = algorithmOf (desk);
    static const auto feedback = parameterNamed ("feedback");
    const auto newFeedback = desk.processor.parameter (feedback).plain() > 0.0f;
    if (newAlgorithm == algorithm && newFeedback == hasFeedback)
        return;
    algorithm = newAlgorithm;
    hasFeedback = newFeedback;
    layout = layoutOf (algorithm);
    resized();
    repaint();
}

void AlgorithmDiagram::showSelected()
{
    for (auto& each : boxes)
        each->repaint();
}

juce::Rectangle<float> AlgorithmDiagram::box (int operatorNumber) const
{
    const auto at = static_cast<std::size_t> (operatorNumber - 1);
    const auto area =
        getLocalBounds().toFloat().withTrimmedBottom (outputHeight).reduced (loopWidth, 0.0f);
    const auto pitchX = juce::jmin (largestPitchX, area.getWidth() / layout.columns);
    const auto pitchY =
        juce::jmin (largestPitchY, area.getHeight() / static_cast<float> (layout.rows));
    const auto left = area.getCentreX() - pitchX * (layout.columns - 1.0f) / 2;
    const auto used = pitchY * static_cast<float> (layout.rows);
    const auto bottom = area.getBottom() - (area.getHeight() - used) / 2 - pitchY / 2;
    const juce::Point<float> centre { left + pitchX * layout.column[at],
                                      bottom - pitchY * static_cast<float> (layout.row[at]) };
    const auto size = juce::jmin (largestBox, pitchX - 6.0f, pitchY - 16.0f);
    return juce::Rectangle<float> (size, size).withCentre (centre);
}

void AlgorithmDiagram::resized()
{
    for (auto op = 1; op <= 6; ++op)
        boxes[static_cast<std::size_t> (op - 1)]->setBounds (
            box (op).expanded (2.0f).toNearestInt());
}

void AlgorithmDiagram::drawModulations (juce::Graphics& g) const
{
    for (auto target = 1; target <= 6; ++target)
        for (auto source = 1; source <= 6; ++source)
        {
            if ((algorithmTable[algorithm].modulators[target - 1] & 1 << (source - 1)) == 0)
                continue;
            const auto from = box (source), to = box (target);
            const auto bend = to.getY() - 8.0f;
            juce::Path path;
            path.startNewSubPath (from.getCentreX(), from.getBottom());
            path.lineTo (from.getCentreX(), bend);
            path.lineTo (to.getCentreX(), bend);
            path.lineTo (to.getCentreX(), to.getY());
            g.strokePath (path.createPathWithRoundedCorners (5.0f), juce::PathStrokeType (1.5f));
        }
}

void AlgorithmDiagram::drawFeedback (juce::Graphics& g) const
{
    const auto& info = algorithmTable[algorithm];
    const auto from = box (info.feedbackFrom), to = box (info.feedbackTo);
    const auto right = juce::jmax (from.getRight(), to.getRight()) + loopWidth - 1.0f;
    juce::Path path;
    path.startNewSubPath (from.getCentreX(), from.getBottom() + 5.0f);
    path.lineTo (right, from.getBottom() + 5.0f);
    path.lineTo (right, to.getY() - 6.0f);
    path.lineTo (to.getCentreX(), to.getY() - 6.0f);
    path.lineTo (to.getCentreX(), to.getY());
    if (info.feedbackFrom == info.feedbackTo)
    {
        path.clear();
        path.startNewSubPath (from.getRight(), from.getCentreY() + 6.0f);
        path.lineTo (right, from.getCentreY() + 6.0f);
        path.lineTo (right, to.getY() - 6.0f);
        path.lineTo (to.getCentreX(), to.getY() - 6.0f);
        path.lineTo (to.getCentreX(), to.getY());
    }
    g.setColour (hasFeedback ? colour::accent : colour::line);
    g.strokePath (path.createPathWithRoundedCorners (5.0f), juce::PathStrokeType (1.5f));
}

void AlgorithmDiagram::drawOutput (juce::Graphics& g) const
{
    auto first = static_cast<float> (getWidth()), last = 0.0f, bottom = 0.0f;
    for (auto op = 1; op <= 6; ++op)
        if ((algorithmTable[algorithm].carriers & 1 << (op - 1)) != 0)
        {
            const auto area = box (op);
            first = juce::jmin (first, area.getCentreX());
            last = juce::jmax (last, area.getCentreX());
            bottom = area.getBottom() + 11.0f;
            g.drawLine (area.getCentreX(), area.getBottom(), area.getCentreX(), bottom, 1.5f);
        }
    g.drawLine (first, bottom, last, bottom, 1.5f);
    const auto middle = (first + last) / 2;
    g.drawLine (middle, bottom, middle, bottom + 9.0f, 1.5f);
    juce::Path tip;
    tip.addTriangle (
        middle - 4.0f, bottom + 8.0f, middle + 4.0f, bottom + 8.0f, middle, bottom + 14.0f);
    g.fillPath (tip);
}

void AlgorithmDiagram::paint (juce::Graphics& g)
{
    drawFeedback (g);
    g.setColour (colour::quiet);
    drawModulations (g);
    drawOutput (g);
}

}  // namespace hexachord
