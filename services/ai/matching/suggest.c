#include "services/ai/matching/suggest.h"

#include <math.h>
#include <stdbool.h>

static const double closeness_weight = 0.4, acquaintance_weight = 0.3, deck_weight = 0.15,
                    price_weight = 0.15;

// 1 at the player's own level and half at one performance's noise away; a doubtful rating discriminates less.
static double suggest_closeness(const struct suggest_player *player, double mean_mu)
{
    double scale = hypot(rating_defaults.beta, player->rating.sigma);
    double apart = fabs(player->rating.mu - mean_mu) / scale;
    return 1 / (1 + apart * apart);
}

// 0 for none, half for two games, never quite 1.
static double suggest_familiarity(uint32_t games) { return games / (games + 2.0); }

static double suggest_lightness(const struct suggest_player *player, uint64_t price)
{
    return price == 0 ? 1 : 1 - (double)price / (double)player->balance;
}

static struct suggestion score_event(const struct suggest_player *player, const struct suggest_event *event)
{
    struct suggestion scored = {
        .closeness = suggest_closeness(player, event->mean_mu),
        .acquaintance = (suggest_familiarity(event->with_god) + suggest_familiarity(event->in_group)) / 2,
        .deck = suggest_familiarity(event->with_deck),
        .price = suggest_lightness(player, event->price),
    };
    scored.score = closeness_weight * scored.closeness + acquaintance_weight * scored.acquaintance +
                   deck_weight * scored.deck + price_weight * scored.price;
    return scored;
}

static bool goes_before(const struct suggestion *a, const struct suggestion *b,
                        const struct suggest_event *events)
{
    if (a->score != b->score) return a->score > b->score;
    return events[a->event].starts_at_ms < events[b->event].starts_at_ms;
}

uint32_t suggest_events(const struct suggest_player *player, const struct suggest_event *events,
                        uint32_t count, struct suggestion *best, uint32_t room)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (events[i].seats_free == 0 || events[i].price > player->balance) continue;
        struct suggestion scored = score_event(player, &events[i]);
        scored.event = i;
        uint32_t place = kept;
        while (place > 0 && goes_before(&scored, &best[place - 1], events)) place--;
        if (place == room) continue;
        if (kept < room) kept++;
        for (uint32_t k = kept - 1; k > place; k--) best[k] = best[k - 1];
        best[place] = scored;
    }
    return kept;
}
