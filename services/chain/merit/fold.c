// What an entry does to what is remembered of rewards: whether it may follow, then that it does.
#include <string.h>

#include "services/chain/merit/parts.h"

enum { FOLLOWED_GAMES = 1, FOLLOWED_COINS = 2 };

static bool is_id(const ProtobufCBinaryData *bytes) { return bytes->len == MERIT_ID_BYTES; }

// ---- Games

static bool are_accounts(const struct ledger_accounts *accounts, const Ledger__GameJudged *judged)
{
    for (size_t i = 0; i < judged->n_players; i++)
        if (!judged->players[i] || judged->players[i] >= accounts->count) return false;
    return judged->god < accounts->count;
}

static bool is_there_twice(const Ledger__GameJudged *judged, size_t place)
{
    for (size_t i = 0; i < place; i++)
        if (memcmp(judged->guests[i].data, judged->guests[place].data, MERIT_ID_BYTES) == 0) return true;
    return false;
}

static bool are_guests(const struct merit *merit, const Ledger__GameJudged *judged)
{
    for (size_t i = 0; i < judged->n_guests; i++)
        if (!is_id(&judged->guests[i]) || merit_guest(merit, judged->guests[i].data) ||
            is_there_twice(judged, i))
            return false;
    return true;
}

static const char *check_judged(struct merit *merit, const struct ledger_accounts *accounts,
                                const Ledger__Entry *entry)
{
    const Ledger__GameJudged *judged = entry->game_judged;
    size_t given = judged->n_players + judged->n_guests;
    if (!is_id(&judged->event) || merit_knows(merit, judged->event.data)) return "its game was judged";
    if (given > MERIT_PLAYERS_MAX || !given != !!judged->verdict) return "it gives what its verdict does not";
    if (!are_accounts(accounts, judged)) return "it rewards nobody";
    if (!are_guests(merit, judged) || (judged->n_guests && judged->held_until_ms <= entry->time_ms))
        return "it holds nothing for its guests";
    bool room = merit_reserve(merit, 1, judged->n_guests, judged->n_players + 1);
    return room ? merit_check_coins(merit, entry) : "there is no memory for it";
}

static void count_game(struct merit *merit, uint32_t account, enum merit_part part, int64_t day)
{
    const struct merit_key key = {account, part};
    if (account) merit_add_count(merit, &key, day, 1);
}

// What is over is forgotten once a day.
static void apply_judged(struct merit *merit, const Ledger__Entry *entry)
{
    const Ledger__GameJudged *judged = entry->game_judged;
    struct merit_guest guest = {.until_ms = judged->held_until_ms};
    if (judged->day > merit->day) merit_forget(merit, entry->time_ms);
    merit_add_game(merit, judged->event.data, entry->time_ms + MERIT_KNOWN_MS);
    memcpy(guest.event, judged->event.data, sizeof guest.event);
    for (size_t i = 0; i < judged->n_guests; i++) {
        memcpy(guest.seat, judged->guests[i].data, sizeof guest.seat);
        merit_hold(merit, &guest);
    }
    for (size_t i = 0; i < judged->n_players; i++)
        count_game(merit, judged->players[i], MERIT_PLAYER, judged->day);
    if (judged->verdict == MERIT_REWARDED) count_game(merit, judged->god, MERIT_GOD, judged->day);
    merit_apply_coins(merit, entry);
}

// ---- Guests

static const char *check_settled(struct merit *merit, const struct ledger_accounts *accounts,
                                 const Ledger__Entry *entry)
{
    const Ledger__GuestSettled *settled = entry->guest_settled;
    const struct merit_guest *guest =
        is_id(&settled->seat) && is_id(&settled->event) ? merit_guest(merit, settled->seat.data) : NULL;
    if (!guest || guest->until_ms <= entry->time_ms ||
        memcmp(guest->event, settled->event.data, MERIT_ID_BYTES) != 0)
        return "nothing is held for its seat";
    if (settled->account >= accounts->count || !settled->account != !!settled->verdict)
        return "it gives what its verdict does not";
    return merit_reserve(merit, 0, 0, 1) ? merit_check_coins(merit, entry) : "there is no memory for it";
}

static void apply_settled(struct merit *merit, const Ledger__Entry *entry)
{
    const Ledger__GuestSettled *settled = entry->guest_settled;
    merit_drop(merit, merit_guest(merit, settled->seat.data));
    count_game(merit, settled->account, MERIT_PLAYER, settled->day);
    merit_apply_coins(merit, entry);
}

// ---- Ends that are taken back

static const struct merit_guest *guest_of(const struct merit *merit, const uint8_t event[MERIT_ID_BYTES])
{
    const struct merit_guest *guest = NULL;
    while ((guest = ledger_map_next(&merit->guests, guest)))
        if (memcmp(guest->event, event, MERIT_ID_BYTES) == 0) return guest;
    return NULL;
}

static void apply_taken_back(struct merit *merit, const Ledger__Entry *entry)
{
    const Ledger__GameTakenBack *taken = entry->game_taken_back;
    const struct merit_guest *guest;
    if (!merit_knows(merit, taken->event.data))
        merit_add_game(merit, taken->event.data, entry->time_ms + MERIT_KNOWN_MS);
    while ((guest = guest_of(merit, taken->event.data))) merit_drop(merit, guest);
}

// ---- All

const char *merit_check(struct merit *merit, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry)
{
    const char *wrong = NULL;
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_GAME_JUDGED:
        wrong = check_judged(merit, accounts, entry);
        break;
    case LEDGER__ENTRY__BODY_GUEST_SETTLED:
        wrong = check_settled(merit, accounts, entry);
        break;
    case LEDGER__ENTRY__BODY_GAME_TAKEN_BACK:
        if (!is_id(&entry->game_taken_back->event)) return "it takes back no game";
        wrong = merit_reserve(merit, 1, 0, 0) ? NULL : "there is no memory for it";
        break;
    case LEDGER__ENTRY__BODY_COINS_OFFERED:
        wrong = merit_check_coins(merit, entry);
        break;
    case LEDGER__ENTRY__BODY_COINS_GIVEN:
        return merit_check_coins(merit, entry);
    default:
        return NULL;
    }
    return wrong || !entry->n_postings ? wrong : "a judgement moves nothing";
}

static void note_followed(struct merit *merit, const Ledger__FollowedTo *to)
{
    if (to->stream == FOLLOWED_GAMES) {
        merit->followed_generation = to->generation;
        merit->followed_seq = to->seq;
    } else if (to->stream == FOLLOWED_COINS) {
        merit->coins_generation = to->generation;
        merit->coins_seq = to->seq;
    }
}

void merit_apply(struct merit *merit, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_GAME_JUDGED:
        apply_judged(merit, entry);
        break;
    case LEDGER__ENTRY__BODY_GUEST_SETTLED:
        apply_settled(merit, entry);
        break;
    case LEDGER__ENTRY__BODY_GAME_TAKEN_BACK:
        apply_taken_back(merit, entry);
        break;
    case LEDGER__ENTRY__BODY_COINS_OFFERED:
    case LEDGER__ENTRY__BODY_COINS_GIVEN:
        merit_apply_coins(merit, entry);
        break;
    case LEDGER__ENTRY__BODY_FOLLOWED_TO:
        note_followed(merit, entry->followed_to);
        break;
    default:
        break;
    }
}
