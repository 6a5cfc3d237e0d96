#include "Report.h"

#include <cmath>
#include <cstdio>

namespace hexachord
{
namespace
{

std::string quoted (const std::string& text)
{
    std::string out = "\"";
    for (const auto character : text)
    {
        if (character == '"' || character == '\\')
            out += '\\';
        out += character < ' ' ? ' ' : character;
    }
    return out + '"';
}

}  // namespace

void Report::claim (const std::string& what, bool holds, const std::string& found)
{
    failures += ! holds;
    std::printf ("{\"claim\": %s, \"holds\": %s, \"found\": %s}\n",
                 quoted (what).c_str(),
                 holds ? "true" : "false",
                 quoted (found).c_str());
    std::fflush (stdout);
}

void Report::measure (const std::string& what, double value, const char* unit, double asked)
{
    std::printf ("{\"measure\": %s, \"value\": %.6g, \"unit\": \"%s\", \"asked\": ",
                 quoted (what).c_str(),
                 std::isfinite (value) ? value : -1.0,
                 unit);
    if (asked > 0.0)
        std::printf ("%.6g}\n", asked);
    else
        std::printf ("null}\n");
    std::fflush (stdout);
}

}  // namespace hexachord
