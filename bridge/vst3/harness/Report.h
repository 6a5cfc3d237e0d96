// What the harness says: one JSON object per line on standard output, and whether all claims held.
#pragma once

#include <string>

namespace hexachord
{

class Report
{
public:
    // A claim that must hold; `found` says what was seen in any case.
    void claim (const std::string& what, bool holds, const std::string& found = {});

    // A number beside what is asked of it. Machines differ: it never fails.
    void measure (const std::string& what, double value, const char* unit, double asked = 0.0);

    bool allHold() const noexcept { return failures == 0; }

private:
    int failures = 0;
};

}  // namespace hexachord
