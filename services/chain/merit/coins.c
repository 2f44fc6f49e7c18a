// Coins in the fold: offered, won, given once. Whichever of the first two comes later finds the other.
#include <math.h>
#include <string.h>

#include "services/chain/merit/parts.h"

static const uint32_t ISSUANCE = 0, CONSE = 1; // of the ledger

static bool is_key(const ProtobufCBinaryData *bytes) { return bytes->len == MERIT_ID_BYTES; }

static struct merit_coins *find_coins(const struct merit *merit, const uint8_t *key)
{
    return merit->coins.count ? ledger_map_find(&merit->coins, key) : NULL;
}

const struct merit_coins *merit_coins(const struct merit *merit, const uint8_t key[MERIT_ID_BYTES])
{
    return find_coins(merit, key);
}

bool merit_reserve_coins(struct merit *merit, size_t coins)
{
    return ledger_map_reserve(&merit->coins, coins);
}

struct merit_coins *merit_put_coins(struct merit *merit, const uint8_t key[MERIT_ID_BYTES], int64_t until_ms)
{
    struct merit_coins *coins = find_coins(merit, key);
    if (!coins) coins = ledger_map_put(&merit->coins, key);
    coins->until_ms = until_ms;
    return coins;
}

static void drop_coins(struct merit *merit, const uint8_t *key)
{
    struct merit_coins *coins = find_coins(merit, key);
    if (coins) ledger_map_remove(&merit->coins, coins);
}

// ---- Before

static const char *check_judged(struct merit *merit, const Ledger__GameJudged *judged)
{
    if (judged->n_coins && judged->n_coins != judged->n_players) return "it gives coins to others than cards";
    for (size_t i = 0; i < judged->n_coins; i++) {
        const struct merit_coins *coins =
            is_key(&judged->coins[i]) ? find_coins(merit, judged->coins[i].data) : NULL;
        if (!is_key(&judged->coins[i]) || (coins && coins->account)) return "its coins are won";
    }
    for (size_t i = 0; i < judged->n_no_coins; i++)
        if (!is_key(&judged->no_coins[i])) return "it drops no coins";
    return merit_reserve_coins(merit, judged->n_coins) ? NULL : "there is no memory for it";
}

static const char *check_settled(struct merit *merit, const Ledger__GuestSettled *settled)
{
    if (!settled->coins.len) return NULL;
    const struct merit_coins *coins = is_key(&settled->coins) ? find_coins(merit, settled->coins.data) : NULL;
    if (!is_key(&settled->coins) || (coins && coins->account)) return "its coins are won";
    return merit_reserve_coins(merit, 1) ? NULL : "there is no memory for it";
}

static bool is_offer(const Ledger__CoinsOffered__Offer *offer)
{
    bool ok = offer && is_key(&offer->key) && offer->n_marks == MERIT_MARKS && offer->coins > 0 &&
              offer->coins <= MERIT_COINS_MAX;
    for (size_t i = 0; ok && i < offer->n_marks; i++) ok = isfinite(offer->marks[i]);
    return ok;
}

static const char *check_offered(struct merit *merit, const Ledger__CoinsOffered *offered)
{
    if (!is_key(&offered->event) || !offered->n_offers || offered->n_offers > MERIT_PLAYERS_MAX)
        return "it offers nothing";
    for (size_t i = 0; i < offered->n_offers; i++) {
        const Ledger__CoinsOffered__Offer *offer = offered->offers[i];
        if (!is_offer(offer)) return "it offers no coins";
        const struct merit_coins *coins = find_coins(merit, offer->key.data);
        if (coins && coins->coins) return "its coins were offered";
    }
    return merit_reserve_coins(merit, offered->n_offers) ? NULL : "there is no memory for it";
}

static bool moves_coins(const Ledger__Entry *entry, uint32_t account, int64_t coins)
{
    return entry->n_postings == 2 && entry->postings[0]->account == ISSUANCE &&
           entry->postings[0]->asset == CONSE && entry->postings[0]->amount == -coins &&
           entry->postings[1]->account == account && entry->postings[1]->asset == CONSE;
}

static const char *check_given(const struct merit *merit, const Ledger__Entry *entry)
{
    const Ledger__CoinsGiven *given = entry->coins_given;
    if (!is_offer(given->offer) || !is_key(&given->event)) return "it gives no coins";
    const struct merit_coins *coins = find_coins(merit, given->offer->key.data);
    if (!coins || !coins->account || coins->account != given->account || coins->coins != given->offer->coins)
        return "its coins are nobody's";
    return moves_coins(entry, given->account, given->offer->coins) ? NULL : "it moves what it does not say";
}

const char *merit_check_coins(struct merit *merit, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_GAME_JUDGED:
        return check_judged(merit, entry->game_judged);
    case LEDGER__ENTRY__BODY_GUEST_SETTLED:
        return check_settled(merit, entry->guest_settled);
    case LEDGER__ENTRY__BODY_COINS_OFFERED:
        return check_offered(merit, entry->coins_offered);
    default:
        return check_given(merit, entry);
    }
}

// ---- Doing it

static void apply_judged(struct merit *merit, const Ledger__GameJudged *judged, int64_t until_ms)
{
    for (size_t i = 0; i < judged->n_coins; i++)
        merit_put_coins(merit, judged->coins[i].data, until_ms)->account = judged->players[i];
    for (size_t i = 0; i < judged->n_no_coins; i++) drop_coins(merit, judged->no_coins[i].data);
}

static void apply_settled(struct merit *merit, const Ledger__GuestSettled *settled, int64_t until_ms)
{
    if (!settled->coins.len) return;
    if (settled->account)
        merit_put_coins(merit, settled->coins.data, until_ms)->account = settled->account;
    else
        drop_coins(merit, settled->coins.data);
}

static void apply_offered(struct merit *merit, const Ledger__CoinsOffered *offered, int64_t until_ms)
{
    for (size_t i = 0; i < offered->n_offers; i++) {
        const Ledger__CoinsOffered__Offer *offer = offered->offers[i];
        struct merit_coins *coins = merit_put_coins(merit, offer->key.data, until_ms);
        coins->coins = offer->coins;
        coins->class = offer->class_;
        coins->percent = offer->percent;
        coins->formula = offered->formula;
        coins->model = offered->model;
        memcpy(coins->marks, offer->marks, sizeof coins->marks);
    }
}

void merit_apply_coins(struct merit *merit, const Ledger__Entry *entry)
{
    const int64_t until_ms = entry->time_ms + MERIT_KNOWN_MS;
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_GAME_JUDGED:
        apply_judged(merit, entry->game_judged, until_ms);
        break;
    case LEDGER__ENTRY__BODY_GUEST_SETTLED:
        apply_settled(merit, entry->guest_settled, until_ms);
        break;
    case LEDGER__ENTRY__BODY_COINS_OFFERED:
        apply_offered(merit, entry->coins_offered, until_ms);
        break;
    default:
        drop_coins(merit, entry->coins_given->offer->key.data);
        break;
    }
}
