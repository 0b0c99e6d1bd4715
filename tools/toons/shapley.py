"""Exact Shapley values of a game with a known value for every coalition.

A coalition is an integer; bit i is set if player i is a member.
"""

import math

import numpy as np


def shapley_values(values):
    """values: (2^n,) or (2^n, k), the value of every coalition. Returns (n,) or (n, k).

    The value of player i is its mean marginal contribution over all orders of the players:
    Σ_S |S|! (n − |S| − 1)! / n! (v(S ∪ i) − v(S)), L. S. Shapley, A value for n-person games, 1953.
    """
    values = np.asarray(values, np.float64)
    n = int(values.shape[0]).bit_length() - 1
    if values.shape[0] != 1 << n:
        raise ValueError(f"values: expected one for each of 2^n coalitions, got {values.shape[0]}")
    coalitions = np.arange(1 << n)
    sizes = sum((coalitions >> i) & 1 for i in range(n)) if n else np.zeros(1, int)
    weight = [1 / (n * math.comb(n - 1, s)) for s in range(n)]
    result = []
    for i in range(n):
        without = coalitions[(coalitions >> i) & 1 == 0]
        gain = values[without | (1 << i)] - values[without]
        result.append(np.tensordot(np.take(weight, sizes[without]), gain, axes=1))
    return np.array(result).reshape((n,) + values.shape[1:])


def merge_players(values, groups):
    """The game between groups of players; the members of a group join a coalition together.

    groups: the members of each group; every player is in one group."""
    values = np.asarray(values)
    members = [sum(1 << i for i in group) for group in groups]
    merged = [sum(members[g] for g in range(len(groups)) if coalition >> g & 1)
              for coalition in range(1 << len(groups))]
    return values[merged]
