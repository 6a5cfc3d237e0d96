// A parameter that can be held: dragging, wheel, arrow keys, typing, double click for the default,
// a menu with MIDI learn, and what screen readers need. How it looks is the subclass's business.
#pragma once

#include "Gesture.h"

#include <optional>

namespace hexachord
{

class Control : public juce::Component, public juce::TooltipClient, public Polled
{
public:
    Control (Desk& owner, int parameter, juce::String shortName = {});
    ~Control() override;

    // Shows another parameter from now on: the selected operator has changed.
    void show (int newParameter);

    void poll() override;
    juce::String getTooltip() override;

    void mouseDown (const juce::MouseEvent& event) override;
    void mouseDrag (const juce::MouseEvent& event) override;
    void mouseUp (const juce::MouseEvent& event) override;
    void mouseDoubleClick (const juce::MouseEvent& event) override;
    void mouseWheelMove (const juce::MouseEvent& event,
                         const juce::MouseWheelDetails& wheel) override;
    void mouseEnter (const juce::MouseEvent&) override { repaint(); }
    void mouseExit (const juce::MouseEvent&) override { repaint(); }
    bool keyPressed (const juce::KeyPress& key) override;
    void focusGained (FocusChangeType cause) override;
    void focusLost (FocusChangeType) override;
    std::unique_ptr<juce::AccessibilityHandler> createAccessibilityHandler() override;

protected:
    // Where the value stands, and is typed after a double click.
    virtual juce::Rectangle<int> valueArea() const = 0;
    virtual juce::AccessibilityRole role() const { return juce::AccessibilityRole::slider; }
    // Return, or a screen reader's press.
    virtual void press() { type(); }

    Parameter& parameter() const { return desk.processor.parameter (index); }
    const juce::String& name() const noexcept { return shownName; }
    juce::String valueText() const;
    float share() const { return parameter().getValue(); }
    int parameterIndex() const noexcept { return index; }

    // The value at which the present sound is as it usually is.
    float typical() const { return desk.processor.instrument.typical (index); }
    bool isRinged() const noexcept { return ringed; }
    bool isLearned() const;

    void moveTo (float plain);
    void moveBy (float steps, bool isFine);
    void type();
    void showMenu();

private:
    void endTyping (bool isTaken);
    void learn (bool isWanted);
    void forget();

    int index;
    juce::String shownName;
    float shown;
    int shownController = -1;
    bool ringed = false, listening = false;
    std::optional<Gesture> gesture;
    float dragged = 0.0f, rolled = 0.0f;
    juce::Point<int> lastDrag;
    std::unique_ptr<juce::TextEditor> typing;
};

}  // namespace hexachord
