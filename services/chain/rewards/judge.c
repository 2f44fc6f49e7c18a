// A finished game: who gets a card of it.
#include <string.h>

#include "lib/base/log.h"
#include "lib/names/names.h"
#include "services/chain/book/orders.h"
#include "services/chain/rewards/coins.h"
#include "services/chain/rewards/facts.h"
#include "services/chain/rewards/rewards.h"

struct judging {
    struct book_call *b;
    const Game__FinishedGame *game;
    struct merit_limits limits;
    uint8_t event[MERIT_ID_BYTES];
    int64_t day;
    size_t winners[MERIT_PLAYERS_MAX]; // places among the players
    Ledger__GameJudged judged;
};

// A clock that is ahead begins no day.
static void begin_judging(struct judging *j, struct book_call *b, const Game__FinishedGame *game)
{
    const struct chain_settings *settings = &b->chain->settings;
    int64_t ended_ms = game->finished_ms < b->now_ms ? game->finished_ms : b->now_ms;
    *j = (struct judging){.b = b,
                          .game = game,
                          .limits = {settings->reward_players, settings->reward_phases,
                                     settings->reward_minutes, settings->reward_games,
                                     settings->reward_god_games},
                          .day = ended_ms / MERIT_DAY_MS};
    uuid_bytes(game->event_id, j->event);
    ledger__game_judged__init(&j->judged);
    j->judged.event = (ProtobufCBinaryData){sizeof j->event, j->event};
    j->judged.day = j->day;
}

// ---- People

// By a phone or a wallet.
static bool is_verified(const struct book_call *b, const char *user_id)
{
    struct name_told told;
    const struct ledger_owner owner = book_user(user_id);
    return names_get(b->chain->names, user_id, &told) && (told.verified || told.wallet[0]) &&
           !book_is_leaving(b->book, &owner);
}

static uint32_t count_of(const struct judging *j, const char *user_id, enum merit_part part)
{
    const struct ledger_owner owner = book_user(user_id);
    uint32_t account = ledger_accounts_find(&j->b->book->accounts, &owner);
    return account == LEDGER_NO_ACCOUNT ? 0 : merit_count(&j->b->book->merit, account, part, j->day);
}

static enum merit_verdict judge_player(const struct judging *j, size_t place)
{
    struct merit_player_facts facts = facts_player(j->game, place);
    const char *user_id = j->game->players[place]->user_id;
    facts.is_verified = !facts.is_guest && is_verified(j->b, user_id);
    facts.games = count_of(j, user_id, MERIT_PLAYER);
    return merit_judge_player(&facts, &j->limits);
}

// Whoever leads games and is gone has no account, and no day.
static uint32_t god_account(const struct judging *j)
{
    const char *god_id = j->game->god_id;
    if (!uuid_check(god_id)) return 0;
    const struct ledger_owner owner = book_user(god_id);
    uint32_t known = ledger_accounts_find(&j->b->book->accounts, &owner);
    if (known != LEDGER_NO_ACCOUNT) return known;
    bool gone = book_is_leaving(j->b->book, &owner) || names_is_deleted(j->b->chain->names, god_id);
    return gone ? 0 : book_account(j->b, &owner);
}

// ---- The game

static enum merit_verdict judge_game(const struct judging *j)
{
    struct merit_game_facts facts = facts_game(j->game);
    facts.age_ms = j->b->now_ms - j->game->finished_ms;
    if (uuid_check(j->game->god_id)) facts.god_games = count_of(j, j->game->god_id, MERIT_GOD);
    return merit_judge_game(&facts, &j->limits);
}

static bool hold_for_guest(struct judging *j, size_t place)
{
    Ledger__GameJudged *judged = &j->judged;
    uint8_t *seat = arena_alloc(j->b->arena, MERIT_ID_BYTES);
    if (!seat) return false;
    uuid_bytes(facts_seat(j->game->players[place]), seat);
    if (!merit_guest(&j->b->book->merit, seat))
        judged->guests[judged->n_guests++] = (ProtobufCBinaryData){MERIT_ID_BYTES, seat};
    return true;
}

static bool add_player(struct judging *j, size_t place)
{
    const struct ledger_owner owner = book_user(j->game->players[place]->user_id);
    j->winners[j->judged.n_players] = place;
    j->judged.players[j->judged.n_players++] = book_account(j->b, &owner);
    return !j->b->failed;
}

static bool judge_players(struct judging *j)
{
    Ledger__GameJudged *judged = &j->judged;
    judged->players = arena_array(j->b->arena, MERIT_PLAYERS_MAX, sizeof *judged->players);
    judged->guests = arena_array(j->b->arena, MERIT_PLAYERS_MAX, sizeof *judged->guests);
    bool ok = !j->b->arena->failed;
    for (size_t i = 0; ok && i < j->game->n_players && i < MERIT_PLAYERS_MAX; i++) {
        enum merit_verdict verdict = judge_player(j, i);
        if (verdict == MERIT_REWARDED) ok = add_player(j, i);
        if (verdict == MERIT_HELD) ok = hold_for_guest(j, i);
    }
    return ok;
}

// ---- Coins

// In the arena; without room nothing will be committed.
static ProtobufCBinaryData key_of(struct judging *j, const char *who)
{
    uint8_t *key = arena_alloc(j->b->arena, MERIT_ID_BYTES);
    j->b->failed |= !key;
    if (!key) return (ProtobufCBinaryData){0, NULL};
    coins_key(j->event, who, key);
    return (ProtobufCBinaryData){MERIT_ID_BYTES, key};
}

static ProtobufCBinaryData coins_of(struct judging *j, size_t place)
{
    const Game__FinishedGame__Player *player = j->game->players[place];
    return key_of(j, player->guest ? facts_seat(player) : player->user_id);
}

static bool judge_wins(const struct judging *j, size_t place)
{
    for (size_t i = 0; i < j->judged.n_players; i++)
        if (j->winners[i] == place) return true;
    return false;
}

// Guests may win theirs yet.
static void judge_coins(struct judging *j)
{
    Ledger__GameJudged *judged = &j->judged;
    const size_t room = j->game->n_players + 1;
    judged->coins = arena_array(j->b->arena, room, sizeof *judged->coins);
    judged->no_coins = arena_array(j->b->arena, room, sizeof *judged->no_coins);
    j->b->failed |= j->b->arena->failed;
    if (j->b->failed || !coins_are_known(j->b)) return;
    for (size_t i = 0; i < judged->n_players; i++)
        judged->coins[judged->n_coins++] = coins_of(j, j->winners[i]);
    for (size_t i = 0; i < j->game->n_players && !j->b->failed; i++) {
        const ProtobufCBinaryData key = coins_of(j, i);
        bool held = !judged->verdict && j->game->players[i]->guest;
        if (!held && !judge_wins(j, i) && key.len && merit_coins(&j->b->book->merit, key.data))
            judged->no_coins[judged->n_no_coins++] = key;
    }
}

static void give_card(struct judging *j, size_t place, uint32_t account)
{
    struct book_call *b = j->b;
    const char *role_id = facts_role(j->game, j->game->players[place]);
    Ledger__DealProof *deal = facts_proof(j->game, place, b->arena);
    b->failed |= !deal;
    if (b->failed || book_give_card(b, account, role_id, j->event, deal) || b->failed) return;
    log_warn("chain.rewards", F_STR("role", role_id), F_STR("odd", "there are too many roles for a card"));
}

static void add_judgement(struct judging *j)
{
    Ledger__GameJudged *judged = &j->judged;
    if (!judged->verdict && !judged->n_players && !judged->n_guests) judged->verdict = MERIT_NOBODY;
    if (judged->n_guests) judged->held_until_ms = j->b->now_ms + MERIT_HELD_MS;
    if (!judged->verdict) judged->god = god_account(j);
    judge_coins(j);
    if (j->b->failed) return;
    book_add(j->b, LEDGER__ENTRY__BODY_GAME_JUDGED, &judged->base, NULL, 0);
    for (size_t i = 0; i < judged->n_players && !j->b->failed; i++)
        give_card(j, j->winners[i], judged->players[i]);
    for (size_t i = 0; i < judged->n_coins; i++) coins_give(j->b, j->event, judged->coins[i].data);
}

static void judge_first(struct judging *j)
{
    j->judged.verdict = judge_game(j);
    if (j->judged.verdict == MERIT_OLD) return;
    if (!j->judged.verdict && !judge_players(j)) {
        j->b->failed = true;
        return;
    }
    add_judgement(j);
}

// ---- Guests who have an account since

static void settle_guest(struct judging *j, size_t place, const struct merit_guest *guest)
{
    Ledger__GuestSettled settled = LEDGER__GUEST_SETTLED__INIT;
    uint8_t seat[MERIT_ID_BYTES];
    const struct ledger_owner owner = book_user(j->game->players[place]->user_id);
    memcpy(seat, guest->seat, sizeof seat);
    settled.event = (ProtobufCBinaryData){sizeof j->event, j->event};
    settled.seat = (ProtobufCBinaryData){sizeof seat, seat};
    settled.day = j->day;
    settled.verdict = judge_player(j, place);
    if (!settled.verdict) settled.account = book_account(j->b, &owner);
    if (coins_are_known(j->b)) settled.coins = key_of(j, facts_seat(j->game->players[place]));
    if (j->b->failed) return;
    book_add(j->b, LEDGER__ENTRY__BODY_GUEST_SETTLED, &settled.base, NULL, 0);
    if (!settled.verdict && !j->b->failed) give_card(j, place, settled.account);
    if (settled.coins.len) coins_give(j->b, j->event, settled.coins.data);
}

// The day on which the seat was claimed counts.
static void settle_guests(struct judging *j)
{
    j->day = j->b->now_ms / MERIT_DAY_MS;
    for (size_t i = 0; i < j->game->n_players && !j->b->failed; i++) {
        uint8_t seat[MERIT_ID_BYTES];
        const Game__FinishedGame__Player *player = j->game->players[i];
        uuid_bytes(facts_seat(player), seat);
        const struct merit_guest *guest = merit_guest(&j->b->book->merit, seat);
        if (!player->guest && guest && guest->until_ms > j->b->now_ms &&
            memcmp(guest->event, j->event, sizeof j->event) == 0)
            settle_guest(j, i, guest);
    }
}

void rewards_judge(struct book_call *b, const Game__FinishedGame *game)
{
    struct judging judging;
    if (!facts_are_whole(game)) {
        log_warn("chain.rewards", F_STR("event", game->event_id), F_STR("odd", "a game that is none"));
        return;
    }
    begin_judging(&judging, b, game);
    if (merit_knows(&b->book->merit, judging.event))
        settle_guests(&judging);
    else
        judge_first(&judging);
}
