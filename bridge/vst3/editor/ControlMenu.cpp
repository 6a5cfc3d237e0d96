// What a right click on a control offers: typing, its default, MIDI learn.
#include "Control.h"

namespace hexachord
{

void Control::forget()
{
    auto& learned = desk.processor.instrument.learned;
    for (auto old = learned.controllerOf (index); old >= 0; old = learned.controllerOf (index))
        learned.assign (old, noParameter);
}

void Control::learn (bool isWanted)
{
    desk.processor.instrument.learned.listenFor (isWanted ? index : noParameter);
    const juce::String parameterName (parameterTable[index].name);
    desk.say (isWanted ? "Move a controller: " + parameterName + " will follow it" : juce::String(),
              false);
}

void Control::showMenu()
{
    const auto& learned = desk.processor.instrument.learned;
    const auto controller = learned.controllerOf (index);
    const auto isWaiting = learned.listeningFor() == index;
    const juce::Component::SafePointer<Control> self (this);
    const auto when = [self] (auto action)
    {
        return [self, action]
        {
            if (self != nullptr)
                action (*self);
        };
    };
    juce::PopupMenu menu;
    menu.addSectionHeader (juce::String (parameterTable[index].name));
    if (parameter().info().labelCount == 0)
        menu.addItem ("Type a value", when ([] (Control& control) { control.type(); }));
    menu.addItem (typical() == parameter().info().defaultValue ? "Back to default"
                                                               : "Back to what is typical",
                  when ([] (Control& control) { control.moveTo (control.typical()); }));
    menu.addSeparator();
    menu.addItem (isWaiting ? "Stop waiting for a controller" : "Learn a MIDI controller",
                  when ([isWaiting] (Control& control) { control.learn (! isWaiting); }));
    menu.addItem (controller >= 0 ? "Forget CC " + juce::String (controller)
                                  : "Forget the controller",
                  controller >= 0,
                  false,
                  when ([] (Control& control) { control.forget(); }));
    menu.setLookAndFeel (&getLookAndFeel());
    menu.showMenuAsync (juce::PopupMenu::Options().withTargetComponent (this));
}

}  // namespace hexachord
