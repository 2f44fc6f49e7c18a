#include "services/ai/standings/standings.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/skill/handicap.h"
#include "services/ai/skill/temper.h"
#include "services/ai/standings/lists.h"

enum { PLAYERS_MOST = 50000000 };

const struct rating_options standings_options = {RATING_DEFAULTS, .limit_sigma = true};

void standings_init(struct standings *standings)
{
    *standings = (struct standings){.slope = temper_slope_at_first};
}

void standings_finish(struct standings *standings)
{
    free(standings->players);
    free(standings->games);
    free(standings->guests);
    free(standings->eases);
    idmap_finish(&standings->by_user);
    idmap_finish(&standings->by_event);
    idmap_finish(&standings->by_seat);
    idmap_finish(&standings->by_ease);
    outcomes_finish(&standings->outcomes);
    classes_finish(&standings->classes);
    standings_init(standings);
}

// ---- Places

static bool out_of_memory(struct err *err)
{
    return err_fail(err, INTERNAL_ERROR, "no memory for standings");
}

static bool note_place(struct idmap *map, const uint8_t id[STANDINGS_ID], size_t place, struct err *err)
{
    const struct uuid text = uuid_text(id);
    uint32_t *at = idmap_add(map, text.text);
    if (!at) return out_of_memory(err);
    *at = (uint32_t)place;
    return true;
}

static uint32_t place_of(const struct idmap *map, const uint8_t id[STANDINGS_ID])
{
    const struct uuid text = uuid_text(id);
    const uint32_t *at = idmap_find(map, text.text);
    return at ? *at : 0;
}

uint32_t standings_player(const struct standings *standings, const char *user_id)
{
    const uint32_t *at = idmap_find(&standings->by_user, user_id);
    return at ? *at : 0;
}

uint32_t standings_known(const struct standings *standings, const uint8_t event[STANDINGS_ID])
{
    return place_of(&standings->by_event, event);
}

uint32_t standings_guest(const struct standings *standings, const uint8_t seat[STANDINGS_ID])
{
    uint32_t place = place_of(&standings->by_seat, seat);
    return place && !standings->guests[place - 1].taken ? place : 0;
}

// ---- Eases

void standings_side_key(const uint8_t side[STANDINGS_ID], uint8_t key[STANDINGS_ID])
{
    memcpy(key, side, STANDINGS_ID);
}

void standings_deck_key(const uint8_t deck[STANDINGS_ID], const uint8_t side[STANDINGS_ID],
                        uint8_t key[STANDINGS_ID])
{
    uint8_t both[2 * STANDINGS_ID];
    memcpy(both, deck, STANDINGS_ID);
    memcpy(both + STANDINGS_ID, side, STANDINGS_ID);
    crypto_generichash(key, STANDINGS_ID, both, sizeof both, NULL, 0);
}

struct rating standings_ease(const struct standings *standings, const uint8_t key[STANDINGS_ID],
                             uint32_t *games)
{
    uint32_t place = place_of(&standings->by_ease, key);
    if (games) *games = place ? standings->eases[place - 1].games : 0;
    return place ? standings->eases[place - 1].belief : handicap_prior;
}

static bool set_ease(struct standings *standings, const uint8_t key[STANDINGS_ID],
                     const Standings__Belief *belief, struct err *err)
{
    uint32_t place = place_of(&standings->by_ease, key);
    if (!place) {
        struct standings_ease *eases = list_with_room(standings->eases, standings->ease_count,
                                                      &standings->ease_room, sizeof *standings->eases);
        if (!eases) return out_of_memory(err);
        standings->eases = eases;
        place = (uint32_t)++standings->ease_count;
        eases[place - 1] = (struct standings_ease){.games = 0};
        memcpy(eases[place - 1].key, key, STANDINGS_ID);
        if (!note_place(&standings->by_ease, key, place, err)) return false;
    }
    standings->eases[place - 1].belief = (struct rating){belief->mu, belief->sigma};
    standings->eases[place - 1].games++;
    return true;
}

// ---- Players

struct rating standings_belief(const struct standings_player *player, int64_t day)
{
    if (!player->games) return standings_options.prior;
    return rating_after_idle(&standings_options, player->belief, (double)(day - player->day));
}

static bool entry_corrupt(uint64_t seq, struct err *err)
{
    return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " says what can't be", seq);
}

static bool add_player(struct standings *standings, uint64_t seq, const ProtobufCBinaryData *id,
                       struct err *err)
{
    if ((id->len && id->len != STANDINGS_ID) || standings->player_count == PLAYERS_MOST)
        return entry_corrupt(seq, err);
    struct standings_player *players = list_with_room(standings->players, standings->player_count,
                                                      &standings->player_room, sizeof *standings->players);
    if (!players) return out_of_memory(err);
    standings->players = players;
    struct standings_player *player = &players[standings->player_count++];
    *player = (struct standings_player){.known = id->len > 0, .belief = standings_options.prior, .met = seq};
    if (!player->known) return true;
    memcpy(player->id, id->data, STANDINGS_ID);
    return note_place(&standings->by_user, player->id, standings->player_count, err);
}

static bool let_go(struct standings *standings, uint64_t seq, uint32_t number, struct err *err)
{
    if (!number || number > standings->player_count) return entry_corrupt(seq, err);
    struct standings_player *player = &standings->players[number - 1];
    standings->gone = seq;
    if (!player->known) return true;
    const struct uuid text = uuid_text(player->id);
    *idmap_find(&standings->by_user, text.text) = 0;
    memset(player->id, 0, sizeof player->id);
    player->known = false;
    return true;
}

static bool is_belief(const Standings__Belief *belief)
{
    return belief && isfinite(belief->mu) && isfinite(belief->sigma) && belief->sigma > 0;
}

static void note_result(struct standings_player *player, const Standings__Belief *after, bool won,
                        int64_t day)
{
    player->belief = (struct rating){after->mu, after->sigma};
    player->games++;
    player->won += won;
    if (day > player->day) player->day = day;
}

// ---- Games

static bool add_guest(struct standings *standings, uint64_t seq, const ProtobufCBinaryData *seat,
                      struct err *err)
{
    struct standings_guest *guests = list_with_room(standings->guests, standings->guest_count,
                                                    &standings->guest_room, sizeof *standings->guests);
    if (!guests) return out_of_memory(err);
    standings->guests = guests;
    struct standings_guest *guest = &guests[standings->guest_count++];
    *guest = (struct standings_guest){.game = seq};
    memcpy(guest->seat, seat->data, STANDINGS_ID);
    return note_place(&standings->by_seat, guest->seat, standings->guest_count, err);
}

static bool add_game(struct standings *standings, uint64_t seq, const Standings__Game *game, struct err *err)
{
    if (game->event_id.len != STANDINGS_ID || standings_known(standings, game->event_id.data))
        return entry_corrupt(seq, err);
    struct standings_game *games = list_with_room(standings->games, standings->game_count,
                                                  &standings->game_room, sizeof *standings->games);
    if (!games) return out_of_memory(err);
    standings->games = games;
    struct standings_game *known = &games[standings->game_count++];
    known->finished_ms = game->finished_ms;
    memcpy(known->event, game->event_id.data, STANDINGS_ID);
    return note_place(&standings->by_event, known->event, standings->game_count, err);
}

static bool apply_player(struct standings *standings, uint64_t seq, const Standings__Game *game,
                         const Standings__Game__Player *player, struct err *err)
{
    if (player->side > game->n_sides || player->player > standings->player_count ||
        (player->seat.len && player->seat.len != STANDINGS_ID))
        return entry_corrupt(seq, err);
    if (game->verdict || !player->side) return true;
    if (player->seat.len) return add_guest(standings, seq, &player->seat, err);
    if (!player->player) return true;
    if (!is_belief(player->after)) return entry_corrupt(seq, err);
    note_result(&standings->players[player->player - 1], player->after, game->sides[player->side - 1]->won,
                game->finished_ms / STANDINGS_DAY_MS);
    return true;
}

static bool apply_side(struct standings *standings, uint64_t seq, const Standings__Game *game,
                       const Standings__Game__Side *side, struct err *err)
{
    uint8_t key[STANDINGS_ID];
    if (game->verdict) return true;
    if (side->side_id.len != STANDINGS_ID || !is_belief(side->side_after)) return entry_corrupt(seq, err);
    standings_side_key(side->side_id.data, key);
    if (!set_ease(standings, key, side->side_after, err)) return false;
    if (game->deck_id.len != STANDINGS_ID) return true;
    if (!is_belief(side->deck_after)) return entry_corrupt(seq, err);
    standings_deck_key(game->deck_id.data, side->side_id.data, key);
    return set_ease(standings, key, side->deck_after, err);
}

// Of sides that win together no chance was foretold.
static bool note_chances(struct standings *standings, const Standings__Game *game, struct err *err)
{
    if (!game->verdict) standings->slope = game->slope;
    standings->contests += !game->verdict && outcomes_winner(game);
    return outcomes_note(&standings->outcomes, game) || out_of_memory(err);
}

// Of a game that is over nothing is foretold.
static bool apply_foretold(struct standings *standings, uint64_t seq, const Standings__Foretold *told,
                           struct err *err)
{
    if (!outcomes_check(told)) return entry_corrupt(seq, err);
    return standings_known(standings, told->event_id.data) || outcomes_expect(&standings->outcomes, told) ||
           out_of_memory(err);
}

static bool note_marks(struct standings *standings, uint64_t seq, const Standings__Game *game,
                       struct err *err)
{
    for (size_t i = 0; i < game->n_players; i++) {
        const Standings__Game__Player *player = game->players[i];
        if (player->n_marks && !classes_note(&standings->classes, player->marks, player->n_marks))
            return entry_corrupt(seq, err);
    }
    return true;
}

static bool apply_game(struct standings *standings, uint64_t seq, const Standings__Game *game,
                       struct err *err)
{
    if (!add_game(standings, seq, game, err) || !note_marks(standings, seq, game, err)) return false;
    for (size_t i = 0; i < game->n_players; i++)
        if (!apply_player(standings, seq, game, game->players[i], err)) return false;
    for (size_t i = 0; i < game->n_sides; i++)
        if (!apply_side(standings, seq, game, game->sides[i], err)) return false;
    return note_chances(standings, game, err);
}

static bool apply_claim(struct standings *standings, uint64_t seq, const Standings__GuestClaimed *claimed,
                        struct err *err)
{
    if (claimed->seat.len != STANDINGS_ID || claimed->event_id.len != STANDINGS_ID ||
        claimed->player > standings->player_count)
        return entry_corrupt(seq, err);
    uint32_t place = standings_guest(standings, claimed->seat.data);
    uint32_t game = standings_known(standings, claimed->event_id.data);
    if (!place || !game) return entry_corrupt(seq, err);
    standings->guests[place - 1].taken = true;
    if (!claimed->player) return true;
    if (!is_belief(claimed->after)) return entry_corrupt(seq, err);
    note_result(&standings->players[claimed->player - 1], claimed->after, claimed->won,
                standings->games[game - 1].finished_ms / STANDINGS_DAY_MS);
    return true;
}

static bool apply_body(struct standings *standings, uint64_t seq, const Standings__Entry *entry,
                       struct err *err)
{
    switch (entry->body_case) {
    case STANDINGS__ENTRY__BODY_PLAYER_MET:
        return add_player(standings, seq, &entry->player_met->user_id, err);
    case STANDINGS__ENTRY__BODY_PLAYER_GONE:
        return let_go(standings, seq, entry->player_gone->player, err);
    case STANDINGS__ENTRY__BODY_GAME:
        return apply_game(standings, seq, entry->game, err);
    case STANDINGS__ENTRY__BODY_GUEST_CLAIMED:
        return apply_claim(standings, seq, entry->guest_claimed, err);
    case STANDINGS__ENTRY__BODY_MODEL_FITTED:
        return classes_set(&standings->classes, entry->model_fitted) || entry_corrupt(seq, err);
    case STANDINGS__ENTRY__BODY_FORETOLD:
        return apply_foretold(standings, seq, entry->foretold, err);
    default:
        return entry->reached || entry->locks || entry_corrupt(seq, err);
    }
}

bool standings_apply(struct standings *standings, uint64_t seq, const Standings__Entry *entry,
                     struct err *err)
{
    if (seq != standings->seq + 1)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is missing",
                        standings->seq + 1);
    if (!apply_body(standings, seq, entry, err)) return false;
    standings->seq = seq;
    if (entry->reached) {
        standings->generation = entry->reached->generation;
        standings->followed = entry->reached->seq;
    }
    if (entry->locks) {
        standings->locks_generation = entry->locks->generation;
        standings->locks = entry->locks->seq;
    }
    return true;
}
