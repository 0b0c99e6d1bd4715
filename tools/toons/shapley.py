"""Exact Shapley values of a game that is known for every coalition.

A coalition is a number whose bit i says whether player i is in it.
"""

import math

import numpy as np


def shapley_values(values):
    """values: (2^n,) or (2^n, k), the worth of every coalition. Returns (n,) or (n, k).

    Player i gets the mean, over all orders of the players, of what it adds to those before it:
    Σ_S |S|! (n − |S| − 1)! / n! (v(S ∪ i) − v(S)), L. S. Shapley, A value for n-person games, 1953.
    """
    values = np.asarray(values, np.float64)
    n = int(values.shape[0]).bit_length() - 1
    if values.shape[0] != 1 << n:
        raise ValueError(f"values: expected one for each of 2^n coalitions, got {values.shape[0]}")
    coalitions = np.arange(1 << n)
    sizes = sum((coalitions >> i) & 1 for i in range(n)) if n else np.zeros(1, int)
    weight = [1 / (n * math.comb(n - 1, s)) for s in range(n)]
    contributions = []
    for i in range(n):
        without = coalitions[(coalitions >> i) & 1 == 0]
        gain = values[without | (1 << i)] - values[without]
        contributions.append(np.tensordot(np.take(weight, sizes[without]), gain, axes=1))
    return np.array(contributions).reshape((n,) + values.shape[1:])


def merge_players(values, groups):
    """The game of groups that join or stay away whole, from the game of their members.

    groups: of each player of the new game the players of the old one, which together are all."""
    values = np.asarray(values)
    members = [sum(1 << i for i in group) for group in groups]
    merged = [sum(members[g] for g in range(len(groups)) if coalition >> g & 1)
              for coalition in range(1 << len(groups))]
    return values[merged]
