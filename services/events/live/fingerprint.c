#include "services/events/live/fingerprint.h"

#include <string.h>

// So that rows older than what they name are rebuilt.
enum {
    IMAGE_NAMED = 1,
};

static void mix_bytes(uint64_t *state, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    for (size_t i = 0; i < len; i++) *state = (*state ^ b[i]) * UINT64_C(0x100000001B3);
}

static void mix_number(uint64_t *state, int64_t number)
{
    *state = (*state ^ (uint64_t)number) * UINT64_C(0x9E3779B97F4A7C15);
    *state ^= *state >> 32;
}

// What is so by default changes nothing, so that rows of older programs are not rebuilt.
static void mix_talk(uint64_t *state, const struct terms *terms)
{
    unsigned said =
        (terms->chat ? 0U : 1U) | (terms->table_at_night ? 2U : 0U) | (terms->side_by_day ? 4U : 0U) |
        (unsigned)(terms->history - EVENTS__HISTORY__VALUE__ALL) << 3 | (terms->beacon ? 32U : 0U);
    if (said) mix_number(state, said);
}

// Of a free event nothing, for the same reason.
static void mix_price(uint64_t *state, const struct game *game)
{
    const struct terms *terms = &game->terms;
    const struct seat_terms *payment = &terms->payment;
    const int64_t numbers[] = {
        terms->price.amount,      terms->price.currency, payment->hold_s, payment->payout_after_s,
        payment->refund_until_ms, payment->refund_fee,   payment->by_bp,  payment->tax,
        payment->god_bp};
    if (!terms->price.currency) return;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) mix_number(state, numbers[i]);
    if (game_is_on_cluster(game)) mix_bytes(state, game->cluster_address, strlen(game->cluster_address));
}

static void mix_roster(uint64_t *state, const struct game *game)
{
    for (size_t i = 0; i < GAME_MAX_SEATS; i += 4) {
        uint64_t four;
        memcpy(&four, &game->seats[i], sizeof four);
        mix_number(state, (int64_t)four);
    }
    for (size_t i = 0; game->claims.count && i < GAME_MAX_SEATS; i++)
        if (game->seats[i] && game->people[game->seats[i] - 1].account.text[0])
            mix_bytes(state, game->people[game->seats[i] - 1].account.text, UUID_LEN);
}

uint64_t rows_fingerprint(const struct aggregate *aggregate)
{
    const struct game *game = &aggregate->game;
    const int64_t numbers[] = {game->state,
                               game->seats_taken,
                               (int64_t)game->waiting_count,
                               game->terms.starts_ms,
                               game->terms.expires_ms,
                               game->terms.max_players,
                               game->terms.min_players,
                               game->terms.waitlist,
                               game->terms.secret_ballot,
                               game->terms.spectator_delay_ms,
                               game->terms.reveal_on_death,
                               game->winners_count != 0,
                               rules_due(game, &aggregate->events->reminders)};
    uint64_t state = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) mix_number(&state, numbers[i]);
    mix_roster(&state, game);
    mix_bytes(&state, game->god_id.text, UUID_LEN);
    if (!game_over(game)) mix_bytes(&state, game->opener_id.text, UUID_LEN);
    mix_number(&state, ROWS_FORM);
    if (game->image_type[0]) {
        mix_bytes(&state, game->image, sizeof game->image);
        mix_number(&state, IMAGE_NAMED);
    }
    mix_talk(&state, &game->terms);
    mix_price(&state, game);
    mix_bytes(&state, game->terms.title, strlen(game->terms.title));
    mix_bytes(&state, game->terms.local, strlen(game->terms.local));
    mix_bytes(&state, game->terms.zone, strlen(game->terms.zone));
    return state ? state : 1;
}
