"""Exact Shapley values."""

import numpy as np
import pytest

from shapley import merge_players, shapley_values

# Player 1 has a left glove, players 2 and 3 have a right one each; a pair has the value 1.
# Player 1 completes a pair in four of the six orders, players 2 and 3 in one each.
GLOVES = [0, 0, 0, 1, 0, 1, 0, 1]


def test_the_glove_game_by_hand():
    # 1e-12: sums of at most four fractions in double.
    assert shapley_values(GLOVES) == pytest.approx([4 / 6, 1 / 6, 1 / 6], abs=1e-12)


def test_an_additive_game_gives_each_player_its_own_value():
    own = [2.0, -3.0, 0.5, 7.0]
    values = [sum(own[i] for i in range(4) if c >> i & 1) for c in range(16)]
    assert shapley_values(values) == pytest.approx(own, abs=1e-12)


def test_the_values_add_up_to_the_full_minus_the_empty_coalition():
    values = np.random.default_rng(0).normal(size=(32, 3))
    assert shapley_values(values).sum(0) == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_a_player_without_marginal_contribution_has_value_zero():
    others = np.random.default_rng(1).normal(size=8)
    values = np.concatenate([others, others])  # the fourth player changes nothing
    assert shapley_values(values)[3] == 0
    assert shapley_values(values)[:3] == pytest.approx(shapley_values(others), abs=1e-12)


def test_symmetric_players_have_equal_values():
    values = np.array([0, 3, 3, 10, 1, 7, 7, 11.0])  # 0 and 1 can be exchanged
    result = shapley_values(values)
    assert result[0] == pytest.approx(result[1], abs=1e-12)
    assert result[2] != pytest.approx(result[0], abs=1e-3)


def test_merged_players_join_together():
    assert merge_players(GLOVES, [[0], [1, 2]]).tolist() == [0, 0, 0, 1]


def test_a_game_without_all_coalitions_is_refused():
    with pytest.raises(ValueError, match="one for each of 2\\^n coalitions, got 7"):
        shapley_values(GLOVES[:7])
