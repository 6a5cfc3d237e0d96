#include "Face.h"

#include "Theme.h"

namespace hexachord
{
namespace
{

constexpr int margin = 16, gap = 12, padding = 16;
constexpr int headerHeight = 64, knobsHeight = 152, keyboardHeight = 74, statusHeight = 30;
constexpr int browserWidth = 216, tabsHeight = 34, whiteKeys = 50, performerGap = 28;
constexpr const char* controls[] = { "volume",   "volume_fluctuation", "volume_peak_position",
                                     "vibrato",  "brightness",         "attack_noise",
                                     "performer" };

}  // namespace

Face::Face (Desk& owner)
    : desk (owner),
      header (owner),
      browser (owner),
      tabs ({ "Operators", "LFO and pitch", "Playing", "Instrument" }),
      operatorPage (owner),
      modulationPage (owner),
      playingPage (owner),
      instrumentPage (owner),
      keyboard (keys),
      status (owner)
{
    addAndMakeVisible (header);
    for (std::size_t i = 0; i < knobs.size(); ++i)
    {
        knobs[i] = std::make_unique<Knob> (owner, parameterNamed (controls[i]));
        addAndMakeVisible (*knobs[i]);
    }
    addAndMakeVisible (browser);
    addAndMakeVisible (tabs);
    addChildComponent (operatorPage);
    addChildComponent (modulationPage);
    addChildComponent (playingPage);
    addChildComponent (instrumentPage);
    addAndMakeVisible (keyboard);
    addAndMakeVisible (status);

    keys.addListener (this);

    browser.loadWanted = [this] { header.openFile(); };
    desk.say = [this] (const juce::String& line, bool isFailure) { status.say (line, isFailure); };
    desk.operatorSelected = [this] { operatorPage.showSelected(); };
    tabs.changed = [this] (int page)
    {
        operatorPage.setVisible (page == operators);
        modulationPage.setVisible (page == modulation);
        playingPage.setVisible (page == playing);
        instrumentPage.setVisible (page == instrument);
    };
    status.say ("Drop a .ts or .syx file anywhere. Right-click a control to learn a controller.",
                false);
    desk.soundChanged = [this] { showSound(); };
    desk.look();
    showSound();
    setSize (width, height);
}

Face::~Face()
{
    // Keys that are still held would sound on after the window has gone.
    keys.allNotesOff (0);
    keys.removeListener (this);
    desk.say = [] (auto&, auto) {};
    desk.operatorSelected = [] {};
    desk.soundChanged = [] {};
}

void Face::showSound()
{
    const auto isNeural = desk.neuralSound().has_value();
    if (desk.isDdx7())
        tabs.offer ({ instrument, operators, playing });
    else if (isNeural)
        tabs.offer ({ instrument, playing });
    else
        tabs.offer ({ operators, modulation, playing });
    // Nobody phrases around a DX7 voice, whoever plays it.
    knobs.back()->setAlpha (isNeural && ! desk.isDdx7() ? 1.0f : unusedAlpha);
    operatorPage.showSound();
    browser.showSound();
    playingPage.showSound();
    instrumentPage.showSound();
    header.poll();
}

void Face::handleNoteOn (juce::MidiKeyboardState*, int, int key, float velocity)
{
    desk.processor.playKey (key, juce::jlimit (1, 127, juce::roundToInt (velocity * 127.0f)));
}

void Face::handleNoteOff (juce::MidiKeyboardState*, int, int key, float)
{
    desk.processor.playKey (key, 0);
}

void Face::setDropTarget (bool isOne)
{
    isDropTarget = isOne;
    repaint();
}

void Face::paint (juce::Graphics& g)
{
    drawCard (g, knobCard);
    drawCard (g, pageCard);
    g.setColour (colour::faint);
    const auto performer = knobs.back()->getX() - performerGap / 2;
    g.fillRect (performer, knobCard.getY() + 20, 1, knobCard.getHeight() - 40);
}

void Face::paintOverChildren (juce::Graphics& g)
{
    if (! isDropTarget)
        return;
    g.fillAll (colour::paper.withAlpha (0.85f));
    g.setColour (colour::accent);
    g.drawRoundedRectangle (getLocalBounds().toFloat().reduced (10.0f), 10.0f, 2.5f);
    g.setFont (boldFont (largeType));
    g.drawText (
        "Drop a neural model (.ts) or a DX7 voice or bank (.syx)",
        getLocalBounds(),
        juce::Justification::centred,
        false);
}

void Face::resized()
{
    auto area = getLocalBounds();
    header.setBounds (area.removeFromTop (headerHeight));
    status.setBounds (area.removeFromBottom (statusHeight).withTrimmedLeft (margin));
    area = area.withTrimmedLeft (margin).withTrimmedRight (margin);

    knobCard = area.removeFromTop (knobsHeight);
    auto row = knobCard.reduced (padding, 12);
    const auto knobWidth = (row.getWidth() - performerGap) / static_cast<int> (knobs.size());
    knobs.back()->setBounds (row.removeFromRight (knobWidth));
    for (std::size_t i = 0; i + 1 < knobs.size(); ++i)
        knobs[i]->setBounds (row.removeFromLeft (knobWidth).reduced (2, 0));

    area.removeFromTop (gap);
    const auto keyArea = area.removeFromBottom (keyboardHeight);
    keyboard.setBounds (keyArea);
    keyboard.setKeyWidth (static_cast<float> (keyArea.getWidth()) / whiteKeys);
    area.removeFromBottom (gap);
    browser.setBounds (area.removeFromLeft (browserWidth));
    area.removeFromLeft (gap);
    pageCard = area;
    auto page = pageCard.reduced (padding, padding - 4);
    tabs.setBounds (page.removeFromTop (tabsHeight));
    page.removeFromTop (12);
    operatorPage.setBounds (page);
    modulationPage.setBounds (page);
    playingPage.setBounds (page);
    instrumentPage.setBounds (page);
}

}  // namespace hexachord
