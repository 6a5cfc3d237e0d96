// Where the six operators of an algorithm stand in a drawing: carriers in the bottom row,
// modulators above what they modulate.
#pragma once

#include <array>

namespace hexachord
{

struct AlgorithmLayout
{
    // Per operator, operator 1 first: its column, which may lie between two, and its row from the
    // bottom, which is 0.
    std::array<float, 6> column {};
    std::array<int, 6> row {};
    float columns = 1.0f;
    int rows = 1;
};

// `algorithm` counts from 0.
AlgorithmLayout layoutOf (int algorithm);

}  // namespace hexachord
