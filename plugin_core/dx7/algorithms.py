"""The 32 algorithms of the DX7 as one table: who sounds, who modulates whom, where feedback runs.

Source: the instrument's own chart, as in the facts sheet of the reference renders, section 5.
Operators are numbered 1..6 as on the panel. A modulator always has a higher number than its target,
so that computing operators from 6 down to 1 meets every source before its target.
"""

from dataclasses import dataclass

_ROWS = """
1 | 1 3 | 2>1 4>3 5>4 6>5 | 6>6
2 | 1 3 | 2>1 4>3 5>4 6>5 | 2>2
3 | 1 4 | 2>1 3>2 5>4 6>5 | 6>6
4 | 1 4 | 2>1 3>2 5>4 6>5 | 4>6
5 | 1 3 5 | 2>1 4>3 6>5 | 6>6
6 | 1 3 5 | 2>1 4>3 6>5 | 5>6
7 | 1 3 | 2>1 4>3 5>3 6>5 | 6>6
8 | 1 3 | 2>1 4>3 5>3 6>5 | 4>4
9 | 1 3 | 2>1 4>3 5>3 6>5 | 2>2
10 | 1 4 | 2>1 3>2 5>4 6>4 | 3>3
11 | 1 4 | 2>1 3>2 5>4 6>4 | 6>6
12 | 1 3 | 2>1 4>3 5>3 6>3 | 2>2
13 | 1 3 | 2>1 4>3 5>3 6>3 | 6>6
14 | 1 3 | 2>1 4>3 5>4 6>4 | 6>6
15 | 1 3 | 2>1 4>3 5>4 6>4 | 2>2
16 | 1 | 2>1 3>1 5>1 4>3 6>5 | 6>6
17 | 1 | 2>1 3>1 5>1 4>3 6>5 | 2>2
18 | 1 | 2>1 3>1 4>1 5>4 6>5 | 3>3
19 | 1 4 5 | 2>1 3>2 6>4 6>5 | 6>6
20 | 1 2 4 | 3>1 3>2 5>4 6>4 | 3>3
21 | 1 2 4 5 | 3>1 3>2 6>4 6>5 | 3>3
22 | 1 3 4 5 | 2>1 6>3 6>4 6>5 | 6>6
23 | 1 2 4 5 | 3>2 6>4 6>5 | 6>6
24 | 1 2 3 4 5 | 6>3 6>4 6>5 | 6>6
25 | 1 2 3 4 5 | 6>4 6>5 | 6>6
26 | 1 2 4 | 3>2 5>4 6>4 | 6>6
27 | 1 2 4 | 3>2 5>4 6>4 | 3>3
28 | 1 3 6 | 2>1 4>3 5>4 | 5>5
29 | 1 2 3 5 | 4>3 6>5 | 6>6
30 | 1 2 3 6 | 4>3 5>4 | 5>5
31 | 1 2 3 4 5 | 6>5 | 6>6
32 | 1 2 3 4 5 6 | | 6>6
"""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One connection of the six operators.

    `modulations` are (source, target) pairs. `feedback` is the pair that closes the loop: the
    output of its first operator modulates its second one, one sample late.
    """

    number: int
    carriers: tuple[int, ...]
    modulations: tuple[tuple[int, int], ...]
    feedback: tuple[int, int]

    def modulators_of(self, operator: int) -> tuple[int, ...]:
        """Return the operators that modulate this one, feedback aside, in ascending order."""
        return tuple(sorted(source for source, target in self.modulations if target == operator))

    @property
    def loop(self) -> tuple[int, ...]:
        """The operators that the feedback runs through, in the order of computation."""
        last, first = self.feedback
        path = [first]
        while path[-1] != last:
            path.append(next(t for s, t in self.modulations if s == path[-1]))
        return tuple(path)


def _pair(text: str) -> tuple[int, int]:
    source, target = text.split(">")
    return int(source), int(target)


def _parse(row: str) -> Algorithm:
    number, carriers, modulations, feedback = (cell.split() for cell in row.split("|"))
    return Algorithm(
        int(number[0]),
        tuple(int(cell) for cell in carriers),
        tuple(_pair(cell) for cell in modulations),
        _pair(feedback[0]),
    )


ALGORITHMS: tuple[Algorithm, ...] = tuple(_parse(row) for row in _ROWS.strip().splitlines())
"""Algorithm number n is `ALGORITHMS[n - 1]`."""
