// Random commands on a game, legal and not.
#ifndef EVENTS_TESTING_COMMANDS_H
#define EVENTS_TESTING_COMMANDS_H

#include "services/events/game/undo.h"
#include "services/events/testing/money.h"

enum { PEOPLE = 12 };

struct counts {
    unsigned accepted, refused, ballots;
};

static inline uint32_t below(struct world *world, uint32_t n)
{
    uint32_t number;
    world_random(world, &number, sizeof number);
    return number % n;
}

static inline const char *someone(struct world *world)
{
    return id_of(USER + below(world, PEOPLE + 1)); // one of them never has a seat
}

static inline bool change_someone(struct world *world)
{
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + below(world, 8)));
    facts.side_id = strcpy(side_id, id_of(SIDE_CITIZEN + below(world, 4)));
    facts.abilities = 1;
    bool only_side = below(world, 2);
    return DO(world, GOD, change, someone(world), only_side ? NULL : &facts, only_side ? side_id : NULL);
}

static inline bool note_someone(struct world *world)
{
    Events__NoteRequest note = EVENTS__NOTE_REQUEST__INIT;
    note.user_id = someone(world);
    note.text = "hm";
    note.audience = (Events__Note__Audience)(1 + below(world, 3));
    return DO(world, GOD, note, &note);
}

static inline bool note_table(struct world *world)
{
    static const Events__Note__Audience audiences[] = {
        EVENTS__NOTE__AUDIENCE__TABLE, EVENTS__NOTE__AUDIENCE__DEAD, EVENTS__NOTE__AUDIENCE__GOD};
    Events__TableNoteRequest note = EVENTS__TABLE_NOTE_REQUEST__INIT;
    note.text = "all of you";
    note.audience = audiences[below(world, 3)];
    return DO(world, GOD, table_note, &note);
}

static inline bool use_someone(struct world *world)
{
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    use.user_id = someone(world);
    use.target_id = below(world, 2) ? someone(world) : "";
    use.note = below(world, 2) ? "so" : "";
    return DO(world, GOD, use_ability, &use);
}

// Who reserved keeps their terms; before, the event is free or not.
static inline void price_some(struct world *world, struct priced_terms *priced, int32_t max_players)
{
    bool costs = world->game.holds_count ? game_is_priced(&world->game) : below(world, 3) == 0;
    fill_priced_terms(priced, max_players, 100 + below(world, 4) * 100);
    if (game_is_on_cluster(&world->game) || (!world->game.holds_count && below(world, 4) == 0))
        priced->price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    if (world->game.cluster_address[0]) priced->price.amount = (uint64_t)world->game.terms.price.amount;
    priced->payment.god_bp = world->game.holds_count ? world->game.terms.payment.god_bp : below(world, 9);
    if (!costs) priced->terms.price = NULL, priced->terms.payment = NULL;
}

static inline bool edit(struct world *world)
{
    struct priced_terms priced;
    price_some(world, &priced, 1 + (int32_t)below(world, PEOPLE));
    Game__Terms terms = priced.terms;
    terms.starts_ms += below(world, 5) * HOUR;
    terms.secret_ballot = below(world, 2);
    terms.spectator_delay_ms = below(world, 3) * MINUTE;
    terms.reveal_on_death = (Events__RevealOnDeath__Value)(1 + below(world, 3));
    terms.without_chat = below(world, 4) == 0;
    terms.table_at_night = below(world, 2);
    terms.side_by_day = below(world, 2);
    terms.history = (Events__History__Value)below(world, 4);
    terms.beacon = below(world, 2);
    return DO(world, GOD, edit, &terms);
}

static inline bool end(struct world *world)
{
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_CITIZEN))};
    if (below(world, world->game.phases_count > 10 ? 4 : 100)) return false;
    return below(world, 2) ? DO(world, GOD, finish, world_secrets(world), winners, 1)
                           : DO(world, GOD, cancel, world_secrets(world));
}

static inline bool order_some(struct world *world)
{
    const char *user_ids[GAME_MAX_SEATS];
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(&world->game, roster), first = count ? below(world, (uint32_t)count) : 0;
    struct uuid ids[GAME_MAX_SEATS];
    for (size_t i = 0; i < count; i++) {
        ids[i] = world->game.people[roster[(first + i) % count]].user_id;
        user_ids[i] = ids[i].text;
    }
    return DO(world, GOD, order_seats, user_ids, count);
}

static inline bool claim_some(struct world *world)
{
    struct uuid guest_id;
    char user_id[UUID_LEN + 1], name[16];
    const char *any = world->game.people_count
                          ? world->game.people[below(world, (uint32_t)world->game.people_count)].user_id.text
                          : id_of(USER);
    struct uuid whose;
    strcpy(whose.text, any);
    switch (below(world, 4)) {
    case 0:
        snprintf(name, sizeof name, "guest%u", below(world, 1000));
        return DO(world, GOD, reserve_guest, name, &guest_id);
    case 1:
        return DO(world, GOD, unclaim, whose.text);
    default: {
        unsigned user = USER + below(world, PEOPLE + 1);
        const struct claiming claiming = {whose.text, strcpy(user_id, id_of(user)), "claimer", false};
        return DO(world, user, claim, &claiming);
    }
    }
}

static inline bool host_someone(struct world *world)
{
    if (below(world, 3) == 0) return order_some(world);
    if (below(world, 2) == 0) return claim_some(world);
    return below(world, 2)
               ? DO(world, GOD, attendance, someone(world), (Events__Attendance__Value)(1 + below(world, 3)))
               : DO(world, GOD, show_card, someone(world));
}

static inline bool ban_someone(struct world *world)
{
    const struct banned banned = {someone(world), "walker", below(world, 2) ? "late" : "", "user_id"};
    return below(world, 2) ? DO(world, GOD, ban, &banned, world_secrets(world))
                           : DO(world, GOD, unban, someone(world));
}

static inline bool cast_some(struct world *world, struct counts *counts)
{
    bool any = false;
    for (unsigned voter = 0; voter <= PEOPLE; voter++) {
        size_t before = world->kept_count; // a ballot cast again makes no entry
        bool voted = world_cast(world, USER + voter, below(world, 4) ? someone(world) : "NONE");
        counts->ballots += world->kept_count - before;
        any |= voted;
    }
    return any;
}

static inline bool open_some_poll(struct world *world)
{
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    Google__Protobuf__Duration closes_in = GOOGLE__PROTOBUF__DURATION__INIT;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    open.secret__case = EVENTS__OPEN_POLL_REQUEST__SECRET__SECRET;
    open.secret = below(world, 2);
    closes_in.seconds = 90;
    if (below(world, 2)) open.closes_in = &closes_in;
    return DO(world, GOD, open_poll, &open);
}

static inline bool set_some_clock(struct world *world)
{
    Events__ClockRequest clock = EVENTS__CLOCK_REQUEST__INIT;
    clock.seconds = (int32_t)below(world, 3) * 60;
    clock.user_id = below(world, 2) ? someone(world) : "";
    clock.label = "defence";
    return DO(world, GOD, set_clock, &clock);
}

static inline bool say_some_ready(struct world *world)
{
    char who[UUID_LEN + 1];
    unsigned user = USER + below(world, PEOPLE);
    return DO(world, user, say_ready, strcpy(who, id_of(user)));
}

static inline bool change_assistants(struct world *world)
{
    char who[UUID_LEN + 1];
    strcpy(who, below(world, 4) ? id_of(USER + 40 + below(world, 10)) : someone(world));
    return below(world, 3) ? DO(world, GOD, add_assistant, who, "assistant")
                           : DO(world, GOD, remove_assistant, who);
}

static inline bool some_table_work(struct world *world)
{
    switch (below(world, 6)) {
    case 4:
        return change_assistants(world);
    case 0:
        return DO(world, GOD, ask_ready, 60);
    case 1:
    case 2:
        return say_some_ready(world);
    case 3:
        return DO(world, GOD, foul, someone(world));
    default:
        return set_some_clock(world);
    }
}

// Mostly the newest act, at times another.
static inline bool undo_some(struct world *world)
{
    const struct undo *newest = undo_newest(&world->game);
    return DO(world, GOD, undo, (newest ? newest->seq : 1) + !below(world, 4));
}

// A word of chain's about some hold, or about the event.
static inline bool pay_some(struct world *world)
{
    if (!game_is_payable(&world->game)) return chain_made_payable(world, 100 + below(world, 4) * 100);
    if (!world->game.holds_count) return false;
    int person = world->game.holds[below(world, (uint32_t)world->game.holds_count)].person;
    unsigned user = 0;
    while (user < PEOPLE && game_person(&world->game, id_of(USER + user)) != person) user++;
    if (user == PEOPLE) return false; // a guest
    switch (below(world, 6)) {
    case 0:
        return chain_opened(world, USER + user, world->now_ms + MINUTE);
    case 1:
    case 2:
        return chain_paid(world, USER + user, below(world, 3));
    case 3:
        return chain_settled(world, USER + user);
    case 4:
        return chain_held_again(world, USER + user, world->now_ms + MINUTE);
    default:
        return chain_said_closed(world, USER + user, (Money__PaymentClosed__Next)(1 + below(world, 3)));
    }
}

// A word of chain's about the block that a deal waits for, or that nobody waits any more.
static inline bool beacon_some(struct world *world)
{
    const struct beacon *beacon = world->game.next_beacon.k ? &world->game.next_beacon : &world->game.beacon;
    int32_t k = beacon->k ? beacon->k : world->game.k;
    switch (below(world, 4)) {
    case 0:
        return chain_names(world, k, 1 + below(world, 9));
    case 1:
    case 2:
        return chain_finds(world, k, beacon->slot, beacon->slot + below(world, 2));
    default:
        world->now_ms += below(world, 2) * 10 * MINUTE;
        return DO(world, GOD, give_beacon_up, "the cluster is away");
    }
}

static inline bool lock_some(struct world *world)
{
    return below(world, 2) ? DO(world, GOD, lock) : DO(world, GOD, lock_ending);
}

static inline bool some_command(struct world *world, struct counts *counts)
{
    const struct deal_secrets *secrets = world_secrets(world);
    struct uuid drawn;
    switch (below(world, 28)) {
    case 0: {
        unsigned user = USER + below(world, PEOPLE);
        return below(world, 2) ? DO(world, GOD, reserve_for, id_of(user), "walker")
                               : DO(world, GOD, give_seat, id_of(user), "walker");
    }
    case 1:
    case 2:
        return world_reserve(world, USER + below(world, PEOPLE), below(world, 2));
    case 3:
        return below(world, 3) ? false : DO(world, GOD, leave, someone(world), secrets);
    case 4:
        return below(world, 2)
                   ? pay_some(world)
                   : DO(world, USER + below(world, 50), vote, (Events__Vote__Value)(1 + below(world, 3)));
    case 5:
        return edit(world);
    case 6:
    case 7:
        return below(world, 3) ? false : lock_some(world);
    case 8:
        return below(world, 12) ? false : DO(world, GOD, unlock, secrets);
    case 9:
        return DO(world, GOD, reveal, secrets);
    case 10:
        return below(world, 4) ? false : DO(world, GOD, redeal, secrets, "again");
    case 11:
    case 12:
        return DO(world, GOD, open_phase, (Events__Phase__Kind)(1 + below(world, 3)),
                  below(world, 2) * MINUTE);
    case 13:
        if (game_open_poll(&world->game) && below(world, 2)) {
            struct uuid poll_id = game_open_poll(&world->game)->id;
            return DO(world, GOD, extend_poll, poll_id.text, below(world, 2) * MINUTE);
        }
        return DO(world, GOD, time_phase, (enum pause)below(world, 3), below(world, 2) * MINUTE);
    case 14:
        return DO(world, GOD, close_phase);
    case 15:
        return below(world, 3)
                   ? false
                   : DO(world, GOD, status, someone(world), (Events__Status__Value)(1 + below(world, 13)));
    case 16:
        return change_someone(world);
    case 17:
        return use_someone(world);
    case 18:
        return DO(world, GOD, chain, someone(world), someone(world));
    case 19:
        return below(world, 2) ? note_someone(world) : note_table(world);
    case 20:
        return below(world, 2)   ? DO(world, GOD, draw, someone(world), &drawn)
               : below(world, 2) ? ban_someone(world)
                                 : host_someone(world);
    case 21:
        return open_some_poll(world);
    case 22:
        return cast_some(world, counts);
    case 23:
        return undo_some(world);
    case 25:
        return some_table_work(world);
    case 26:
        return beacon_some(world);
    case 24:
        return DO(world, GOD, score, someone(world), (int32_t)below(world, 4));
    default:
        world->now_ms += below(world, 3 * MINUTE);
        return below(world, 8) ? world_tick(world) : end(world);
    }
}

#endif
