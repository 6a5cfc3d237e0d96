#include "OperatorPage.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

// The operator's fields in voice order.
enum Field
{
    rate1,
    rate2,
    rate3,
    rate4,
    level1,
    level2,
    level3,
    level4,
    breakPoint,
    leftDepth,
    rightDepth,
    leftCurve,
    rightCurve,
    rateScaling,
    amplitudeModulation,
    velocity,
    outputLevel,
    mode,
    coarse,
    fine,
    detune
};

struct FieldCell
{
    Field field;
    const char* name;
};

constexpr FieldCell gridCells[] = {
    { rate1, "Rate 1" },
    { rate2, "Rate 2" },
    { rate3, "Rate 3" },
    { rate4, "Rate 4" },
    { rateScaling, "Key rate" },
    { level1, "Level 1" },
    { level2, "Level 2" },
    { level3, "Level 3" },
    { level4, "Level 4" },
    { velocity, "Velocity" },
    { mode, "Mode" },
    { coarse, "Coarse" },
    { fine, "Fine" },
    { detune, "Detune" },
    { amplitudeModulation, "Amp mod" },
    { breakPoint, "Break pt" },
    { leftDepth, "L depth" },
    { leftCurve, "L curve" },
    { rightDepth, "R depth" },
    { rightCurve, "R curve" },
};

// What is heard where a network makes the levels: their fastest rise and fall, and the frequency.
constexpr Field heardOnDdx7[] = { rate1, rate4, mode, coarse, fine, detune };

constexpr int columns = 5, diagramWidth = 252, gap = 28, headHeight = 38;

std::vector<Cell> voiceCells()
{
    return { { parameterNamed ("algorithm"), "Algorithm" },
             { parameterNamed ("feedback"), "Feedback" } };
}

}  // namespace

OperatorPage::OperatorPage (Desk& owner)
    : Polled (owner),
      diagram (owner),
      voice (owner, {}, voiceCells(), 2),
      envelope (owner, EnvelopeKind::level, operatorParameter (owner.selectedOperator(), rate1)),
      trace (owner),
      level (owner, operatorParameter (owner.selectedOperator(), outputLevel), "Output level"),
      isOn (owner, operatorSwitch (owner.selectedOperator()), "On"),
      grid (owner, {}, cells(), columns)
{
    for (auto* part : std::initializer_list<juce::Component*> {
             &diagram, &voice, &level, &isOn, &envelope, &grid })
        addAndMakeVisible (part);
    addChildComponent (trace);
}

std::vector<Cell> OperatorPage::cells() const
{
    std::vector<Cell> list;
    for (const auto& cell : gridCells)
        list.push_back ({ operatorParameter (desk.selectedOperator(), cell.field), cell.name });
    return list;
}

void OperatorPage::showSelected()
{
    const auto number = desk.selectedOperator();
    envelope.show (operatorParameter (number, rate1));
    level.show (operatorParameter (number, outputLevel));
    isOn.show (operatorSwitch (number));
    grid.show (cells());
    markUsed();
    diagram.showSelected();
    shownFrequency = frequencyText();
    repaint();
}

void OperatorPage::showSound()
{
    trace.setVisible (desk.isDdx7());
    envelope.setVisible (! desk.isDdx7());
    showSelected();
}

void OperatorPage::markUsed()
{
    for (const auto& cell : gridCells)
    {
        const auto isHeard = std::find (std::begin (heardOnDdx7), std::end (heardOnDdx7), cell.field)
                          != std::end (heardOnDdx7);
        grid.setUsed (operatorParameter (desk.selectedOperator(), cell.field),
                      ! desk.isDdx7() || isHeard);
    }
}

// A DDX7 model rounds the ratios of its voice to one decimal, as long as they are those.
float OperatorPage::ratio() const
{
    const auto number = desk.selectedOperator();
    const auto value = [this, number] (Field field)
    { return desk.processor.parameter (operatorParameter (number, field)).plain(); };
    const auto whole = value (coarse) < 0.5f ? 0.5f : value (coarse);
    const auto hundredths = whole * (100.0f + value (fine));
    const auto stands = [&] (Field field)
    {
        const auto place = operatorParameter (number, field) - firstVoiceParameter;
        return value (field) == (*desk.facts().patch)[static_cast<std::size_t> (place)];
    };
    return desk.isDdx7() && stands (coarse) && stands (fine) ? std::round (hundredths / 10.0f) / 10.0f
                                                             : hundredths / 100.0f;
}

juce::String OperatorPage::frequencyText() const
{
    const auto plain = [this] (Field field)
    {
        return desk.processor.parameter (operatorParameter (desk.selectedOperator(), field))
            .plain();
    };
    const auto whole = juce::roundToInt (plain (coarse));
    static const auto index = parameterNamed ("algorithm");
    const auto algorithm = juce::roundToInt (desk.processor.parameter (index).plain()) - 1;
    const auto isCarrier =
        (algorithmTable[algorithm].carriers & 1 << (desk.selectedOperator() - 1)) != 0;
    const auto role = isCarrier ? juce::String ("Carrier") : juce::String ("Modulator");
    if (plain (mode) > 0.5f)
    {
        const auto hz = std::pow (10.0f, static_cast<float> (whole % 4) + plain (fine) / 100.0f);
        return role + ", fixed at " + juce::String (hz, hz < 100.0f ? 2 : 0) + " Hz";
    }
    return role + ", ratio " + juce::String (ratio(), 2);
}

void OperatorPage::poll()
{
    if (! isShowing() || ! isSeldom())
        return;
    if (const auto now = frequencyText(); now != shownFrequency)
    {
        shownFrequency = now;
        repaint();
    }
}

void OperatorPage::paint (juce::Graphics& g)
{
    auto area = getLocalBounds().withTrimmedLeft (diagramWidth + gap).removeFromTop (headHeight);
    g.setColour (colour::ink);
    g.setFont (boldFont (titleType));
    g.drawText ("Operator " + juce::String (desk.selectedOperator()),
                area.removeFromLeft (102),
                juce::Justification::centredLeft,
                false);
    g.setColour (colour::quiet);
    g.setFont (plainFont (bodyType));
    g.drawText (shownFrequency, area.removeFromLeft (210), juce::Justification::centredLeft, true);
    g.setColour (colour::faint);
    g.fillRect (diagramWidth + gap / 2, 4, 1, getHeight() - 8);
}

void OperatorPage::resized()
{
    auto area = getLocalBounds();
    auto left = area.removeFromLeft (diagramWidth);
    voice.setBounds (left.removeFromBottom (voice.heightNeeded()));
    diagram.setBounds (left.withTrimmedBottom (10));
    area.removeFromLeft (gap);
    auto head = area.removeFromTop (headHeight);
    isOn.setBounds (head.removeFromRight (64));
    head.removeFromRight (18);
    level.setBounds (head.removeFromRight (150).withHeight (cellHeight));
    grid.setBounds (area.removeFromBottom (grid.heightNeeded()));
    envelope.setBounds (area.withTrimmedBottom (12).withTrimmedTop (4));
    trace.setBounds (envelope.getBounds());
}

}  // namespace hexachord
