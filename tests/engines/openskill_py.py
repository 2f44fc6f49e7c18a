"""Answers the lines of driver.c with openskill.py instead."""

import sys

from openskill.models import BradleyTerryFull, PlackettLuce, ThurstoneMostellerFull

MODELS = [PlackettLuce, BradleyTerryFull, ThurstoneMostellerFull]


def model_of(words, weighting):
    kind = MODELS[int(next(words))]
    beta, kappa, tau, epsilon, limit = (float(next(words)) for _ in range(5))
    options = dict(beta=beta, kappa=kappa, tau=tau, limit_sigma=bool(limit))
    if kind is ThurstoneMostellerFull:
        options["epsilon"] = epsilon
    model = kind(**options)
    if weighting != 2:
        model.weight_bounds = None  # documented for the constructor too, but the compiled package refuses it there
    return model


def game_of(words):
    ranks, weights, players, weighting = [], [], [], 0
    for _ in range(int(next(words))):
        ranks.append(float(next(words)))
        size, weighting = int(next(words)), int(next(words))
        team = [(float(next(words)), float(next(words)), float(next(words)) if weighting else 1.0) for _ in range(size)]
        players.append([(mu, sigma) for mu, sigma, _ in team])
        weights.append([weight for _, _, weight in team])
    return ranks, weights if weighting else None, players, weighting


def answer(line):
    words = line.split()
    ranks, weights, players, weighting = game_of(iter(words[7:]))
    model = model_of(iter(words[1:7]), weighting)
    teams = [[model.rating(mu=mu, sigma=sigma) for mu, sigma in team] for team in players]
    if words[0] == "update":
        rated = model.rate(teams, ranks=ranks, weights=weights)
        return [number for team in rated for player in team for number in (player.mu, player.sigma)]
    if words[0] == "win":
        return model.predict_win(teams)
    if words[0] == "rank":
        return [number for pair in model.predict_rank(teams) for number in pair]
    return [model.predict_draw(teams)]


for request in sys.stdin:
    print(*(repr(float(number)) for number in answer(request)))
