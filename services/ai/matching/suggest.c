#include "services/ai/matching/suggest.h"

#include <math.h>
#include <stdio.h>

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

static double suggest_lightness(const struct suggest_player *player, const struct suggest_event *event)
{
    if (event->price == 0) return 1;
    return event->foreign ? 0 : 1 - (double)event->price / (double)player->balance;
}

static struct suggestion score_event(const struct suggest_player *player, const struct suggest_event *event)
{
    struct suggestion scored = {
        .closeness = suggest_closeness(player, event->mean_mu),
        .acquaintance = (suggest_familiarity(event->with_god) + suggest_familiarity(event->in_group)) / 2,
        .deck = suggest_familiarity(event->with_deck),
        .price = suggest_lightness(player, event),
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

static bool may_go(const struct suggest_player *player, const struct suggest_event *event)
{
    return event->seats_free > 0 && (event->foreign || event->price <= player->balance);
}

// Where the last one of the god's is that would have to give way; `kept` when none does.
static uint32_t last_of_god(const struct suggestion *best, uint32_t kept, const struct suggest_event *events,
                            uint32_t god)
{
    uint32_t of_god = 0, last = kept;
    for (uint32_t i = 0; i < kept; i++)
        if (events[best[i].event].god == god) of_god++, last = i;
    return of_god < SUGGEST_OF_GOD ? kept : last;
}

static uint32_t keep_best(struct suggestion *best, uint32_t kept, uint32_t room,
                          const struct suggestion *scored, const struct suggest_event *events)
{
    uint32_t end = last_of_god(best, kept, events, events[scored->event].god), place = kept;
    while (place > 0 && goes_before(scored, &best[place - 1], events)) place--;
    if (end < kept && place > end) return kept;
    if (end == kept && place == room) return kept;
    if (end == kept) end = kept < room ? kept++ : kept - 1;
    for (uint32_t k = end; k > place; k--) best[k] = best[k - 1];
    best[place] = *scored;
    return kept;
}

uint32_t suggest_events(const struct suggest_player *player, const struct suggest_event *events,
                        uint32_t count, struct suggestion *best, uint32_t room)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; room && i < count; i++) {
        if (!may_go(player, &events[i])) continue;
        struct suggestion scored = score_event(player, &events[i]);
        scored.event = i;
        kept = keep_best(best, kept, room, &scored, events);
    }
    return kept;
}

// ---- Why

static bool is_near(const struct suggestion *suggestion, const struct suggest_event *event)
{
    return event->seated && suggestion->closeness >= 0.5;
}

void suggest_text(const struct suggestion *suggestion, const struct suggest_event *event,
                  const struct suggest_names *names, char out[SUGGEST_TEXT_BYTES])
{
    if (event->with_god && *names->god)
        snprintf(out, SUGGEST_TEXT_BYTES, "You played %u %s with %s.", event->with_god,
                 event->with_god == 1 ? "time" : "times", names->god);
    else if (event->in_group && *names->group)
        snprintf(out, SUGGEST_TEXT_BYTES, "You played %u %s in %s.", event->in_group,
                 event->in_group == 1 ? "time" : "times", names->group);
    else if (event->with_deck)
        snprintf(out, SUGGEST_TEXT_BYTES, "You played %u %s with this deck.", event->with_deck,
                 event->with_deck == 1 ? "time" : "times");
    else if (is_near(suggestion, event))
        snprintf(out, SUGGEST_TEXT_BYTES, "Those who have seats play about as well as you.");
    else if (event->price == 0)
        snprintf(out, SUGGEST_TEXT_BYTES, "It costs nothing, and has %u free %s.", event->seats_free,
                 event->seats_free == 1 ? "seat" : "seats");
    else
        snprintf(out, SUGGEST_TEXT_BYTES, "It has %u free %s.", event->seats_free,
                 event->seats_free == 1 ? "seat" : "seats");
}

void suggest_text_fa(const struct suggestion *suggestion, const struct suggest_event *event,
                     const struct suggest_names *names, char out[SUGGEST_TEXT_BYTES])
{
    if (event->with_god && *names->god)
        snprintf(out, SUGGEST_TEXT_BYTES, "شما %u بار با %s بازی کرده‌اید.",
                 event->with_god, names->god);
    else if (event->in_group && *names->group)
        snprintf(out, SUGGEST_TEXT_BYTES, "شما %u بار در %s بازی کرده‌اید.",
                 event->in_group, names->group);
    else if (event->with_deck)
        snprintf(out, SUGGEST_TEXT_BYTES,
                 "شما %u بار با این دسته کارت بازی کرده‌اید.",
                 event->with_deck);
    else if (is_near(suggestion, event))
        snprintf(out, SUGGEST_TEXT_BYTES,
                 "کسانی که جا دارند تقریباً هم‌سطح شما هستند.");
    else if (event->price == 0)
        snprintf(out, SUGGEST_TEXT_BYTES, "رایگان است و %u جای خالی دارد.", event->seats_free);
    else
        snprintf(out, SUGGEST_TEXT_BYTES, "%u جای خالی دارد.", event->seats_free);
}
