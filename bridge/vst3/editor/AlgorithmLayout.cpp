#include "AlgorithmLayout.h"

#include <hexachord_parameters.h>

#include <algorithm>

namespace hexachord
{
namespace
{

class Placement
{
public:
    explicit Placement (const AlgorithmInfo& info) : algorithm (info)
    {
        for (auto op = 0; op < 6; ++op)
            if ((algorithm.carriers & 1 << op) != 0)
                place (op);
        // Who modulates several operators stands above their middle.
        for (auto source = 0; source < 6; ++source)
            centre (source);
        layout.columns = std::max (1.0f, next);
        layout.rows = 1 + *std::max_element (layout.row.begin(), layout.row.end());
    }

    AlgorithmLayout layout;

private:
    bool modulates (int source, int target) const
    {
        return (algorithm.modulators[target] & 1 << source) != 0;
    }

    int targetsOf (int source) const
    {
        auto count = 0;
        for (auto target = 0; target < 6; ++target)
            count += modulates (source, target) ? 1 : 0;
        return count;
    }

    // Gives `op` the middle of what only it is modulated by, or the next free column.
    void place (int op)
    {
        auto first = -1.0f, last = -1.0f;
        for (auto source = 0; source < 6; ++source)
        {
            if (! modulates (source, op))
                continue;
            auto& row = layout.row[static_cast<std::size_t> (source)];
            row = std::max (row, layout.row[static_cast<std::size_t> (op)] + 1);
            if (targetsOf (source) > 1)
                continue;
            place (source);
            last = layout.column[static_cast<std::size_t> (source)];
            first = first < 0.0f ? last : first;
        }
        layout.column[static_cast<std::size_t> (op)] = first < 0.0f ? next++ : (first + last) / 2;
    }

    void centre (int source)
    {
        if (targetsOf (source) < 2)
            return;
        auto sum = 0.0f;
        for (auto target = 0; target < 6; ++target)
            if (modulates (source, target))
                sum += layout.column[static_cast<std::size_t> (target)];
        layout.column[static_cast<std::size_t> (source)] =
            sum / static_cast<float> (targetsOf (source));
    }

    const AlgorithmInfo& algorithm;
    float next = 0.0f;
};

}  // namespace

AlgorithmLayout layoutOf (int algorithm)
{
    return Placement (algorithmTable[std::clamp (algorithm, 0, 31)]).layout;
}

}  // namespace hexachord
