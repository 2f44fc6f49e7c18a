// The state of one event: the fold of its entries. Pure: no I/O, no clock, no randomness. Only game_apply and
// game_fold change it; rules.h decides which entries follow from a command, view.h what a viewer may see. One
// thread at a time.
#ifndef EVENTS_GAME_GAME_H
#define EVENTS_GAME_GAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "game.pb-c.h"
#include "lib/base/hash_chain.h"
#include "lib/base/idmap.h"
#include "services/events/game/audience.h"
#include "services/events/game/classes.h"
#include "services/events/game/deal.h"
#include "services/events/game/look.h"
#include "services/events/game/price.h"
#include "services/events/game/timer.h"

enum {
    GAME_MAX_SEATS = 100,
    GAME_MAX_WAITING = 500,
    GAME_MAX_PEOPLE = 5000, // that ever held a seat or a place in the waitlist
    GAME_MAX_BANS = 1000,
    GAME_MAX_VOTERS = 100000,
    GAME_MAX_PHASES = 200,
    GAME_MAX_POLLS = 400,
    GAME_MAX_NOTES = 1000,
    GAME_MAX_USES = 10000, // of abilities
    GAME_MAX_CHAINED = 1000,
    GAME_MAX_ROLES = 300,
    GAME_MAX_SIDES = 100,
    GAME_MAX_ENTRIES = 10000000,
    GAME_RESERVE = 100000,         // of them, for the god and the clock alone
    GAME_MAX_VOTES_EACH = 20,      // changes of one user's vote
    GAME_MAX_ARRIVALS_EACH = 20,   // how often one user may take a seat or a place in the waitlist
    GAME_MAX_BALLOTS_EACH = 50000, // of one player
    GAME_MAX_FOULS = 100,          // of one player
    GAME_MAX_ASSISTANTS = 8,
    GAME_MAX_SLOW = 300, // rooms whose pace was set
    GAME_MAX_MUTES = 1000,
    GAME_MAX_HOLDS = 20000,      // that began
    GAME_MAX_REPORTS = 1000,     // of messages
    GAME_MAX_REPORTS_EACH = 100, // by one person
    GAME_STATUSES = 14,
    GAME_ADDRESS = 48,     // in base58, with the NUL
    GAME_ESCAPE_DAYS = 30, // behind the start that chain knew: then tickets on the cluster can be taken back
    GAME_UNLIMITED = 100,  // uses of an ability
    GAME_NO_ONE = -1,
};

// Versions of the rules. An event is played to its end, and shown ever after, by those it was opened with.
enum {
    RULES_COUNT_AT_CLOSE = 1,          // a poll's close judges ballots again; a paused phase pauses its poll
    GAME_RULES = RULES_COUNT_AT_CLOSE, // of new events
};

struct statuses {
    uint16_t on, told;            // bit per Events__Status__Value
    int16_t until[GAME_STATUSES]; // the phase whose closing ends it; 0: no end
};

// A name of 32 characters, and one with a mark behind it.
enum { PERSON_MARK = 8, PERSON_USERNAME = 4 * 32 + 1, PERSON_NAME = PERSON_USERNAME + 1 + PERSON_MARK };

// A person that holds or held a seat or a place in the waitlist. Roles and sides are places in game.roles and
// game.sides + 1.
struct person {
    struct uuid user_id;
    char username[PERSON_USERNAME]; // at their arrival
    struct look look;               // of the name that looked stands for, once it was computed
    uint64_t looked;                // the change of names that gave them this name; 0: it is username
    char shown[PERSON_NAME];        // the name now; "" before the first look
    bool is_known;                  // auth has told the name in shown
    bool guest;                     // has no account
    struct uuid account; // that took over the guest's seat, also when it has left; "" when none did
    uint8_t nonce[DEAL_NONCE];
    uint8_t nonce_len;
    int16_t seat;                                // from 1; 0: none
    uint16_t card, role, told_role, opened_role; // opened: as everybody was told
    uint8_t side, told_side, opened_side;
    struct statuses statuses;
    int16_t abilities_left, told_left; // as it is, and as the player was told
    uint16_t chained_since;            // of game.chained, those from this place on still hold them
    int64_t waiting_since_ms;          // when they came to the waitlist last
    int16_t score;
    bool scored;
    uint8_t fouls;
    bool ready;         // as they said since they were asked last
    uint8_t attendance; // Events__Attendance__Value; 0: nothing was noted
    bool card_shown;    // on the god's own screen
    bool left;          // gave their place back themselves, and has not come since
    uint16_t arrivals;  // how often they took a seat or a place in the waitlist
    uint32_t ballots;   // cast so far
    uint16_t hold;      // of their seat: place in game.holds + 1; 0: it costs nothing
    uint16_t attempts;  // holds that they had
    uint8_t promotions; // holds that the waitlist gave them since they came
};

enum hold_state {
    HOLD_HELD,  // to be paid
    HOLD_PAID,  // or given without a payment
    HOLD_CLOSED // the place is free
};

// A place that costs something, by the id of its payment. What becomes of it chain says.
struct hold {
    struct uuid id;
    uint16_t person;
    uint8_t state;   // enum hold_state
    uint8_t ends_by; // Money__SeatEnding__By: it is to end; 0: not
    bool comp, settled;
    bool final; // nothing of the payment is open any more
    bool waits; // closed, and paid behind its end: its person is in the waitlist
    struct price price;
    int64_t ends_ms; // 0: it has not begun to run
    uint64_t seq;    // of the entry that began it
};

// Up to where the game has taken in chain.payments.
struct payments_told {
    uint64_t generation, seq;
};

// A user that takes no seat and no place.
struct ban {
    struct uuid user_id;
    char username[PERSON_USERNAME]; // when it was made
    char *reason;
    int64_t time_ms;
};

struct role_facts {
    struct uuid id, side_id;
    int32_t abilities, copies;
    bool meets; // as its side does
};

struct last_move_facts {
    struct uuid id;
    int32_t copies, left;
};

struct terms {
    char *title, *content;
    char local[20], zone[65];
    int64_t starts_ms, expires_ms;
    int32_t min_players, max_players;
    bool waitlist, secret_ballot, beacon;
    int64_t spectator_delay_ms;
    Events__RevealOnDeath__Value reveal_on_death;
    bool chat, table_at_night, side_by_day;
    Events__History__Value history;
    struct price price;
    struct seat_terms payment; // all zero when it is free
};

struct player_then {
    uint16_t person, role, told_role, opened_role;
    uint8_t side, told_side, opened_side, fouls;
    struct statuses statuses;
};

struct phase {
    int32_t day;
    Events__Phase__Kind kind;
    Events__Phase__State state;
    int64_t opened_ms, closed_ms; // closed_ms: 0 while it is open
    struct timer timer;
    struct player_then *players; // as of its close
    size_t players_count;
    uint8_t hash[HASH_CHAIN_HASH]; // of the entry that closed it
};

// Who sees the event as its god does, and does the god's work at the table.
struct assistant {
    struct uuid user_id;
    char username[PERSON_USERNAME]; // when they became one
    char shown[PERSON_NAME];        // the name now; "" when it is unknown
};

// The clock of who speaks; all zero without one.
struct speech_clock {
    uint16_t person; // + 1; 0: nobody in particular
    char label[4 * 64 + 1];
    int64_t started_ms;
    struct timer timer;
};

// When everybody was asked whether they are ready; all zero: never.
struct ready_check {
    int64_t asked_ms;
    struct timer timer;
};

enum { ROOM_NAME = 48 };

// How long one writer waits between two messages in a room.
struct slow_room {
    char room[ROOM_NAME]; // without the event's id
    int32_t seconds;
};

struct mute {
    char room[ROOM_NAME];
    uint16_t person;
    int64_t until_ms; // 0: none
};

struct message_report {
    char room[ROOM_NAME];
    struct uuid message_id, user_id;
    char *reason;
    int64_t time_ms;
};

enum { BALLOT_ABSENT = 0xFFFF, BALLOT_NONE = 0xFFFE }; // no ballot; a ballot for nobody

struct poll_count {
    uint16_t candidate; // a person or BALLOT_NONE
    int32_t weight;
};

struct poll_ballot {
    uint16_t voter, candidate; // a person; a person or BALLOT_NONE
};

struct turnout {
    int32_t voted;    // ballots that count
    int32_t eligible; // players that may cast one, by what everyone knows
};

struct poll {
    struct uuid id;
    int32_t phase;
    Events__Poll__Kind kind;
    bool open, secret;
    struct timer timer;
    uint16_t candidates[GAME_MAX_SEATS]; // people
    size_t candidates_count;
    uint16_t voters[GAME_MAX_SEATS], choices[GAME_MAX_SEATS]; // by seat - 1: person, and a person or BALLOT_*
    uint8_t weights[GAME_MAX_SEATS];
    struct poll_count *counts; // of a closed poll, as in the entry that closed it
    struct poll_ballot *ballots;
    size_t counts_count, ballots_count;
    struct turnout turnout; // of a closed poll, at its end
};

enum { NOTE_NOBODY = UINT16_MAX };

struct note {
    Events__Note__Audience audience;
    char *text;
    uint64_t seq; // of its entry
    int64_t time_ms;
    int32_t phase;
    uint16_t person; // of a note to a player or to the god; NOTE_NOBODY
    uint16_t set;    // of a note to a side or to the dead: who was told of it
    uint8_t side;
};

// That an ability was used.
struct use {
    int64_t time_ms;
    int32_t phase;
    uint16_t person;
    uint16_t target; // person + 1; 0: none
    int16_t left;
};

struct chained {
    uint16_t from, to; // people
};

// A deal secret that is open, with the proof that the event committed to it; NULL for the first eight.
struct opened_secret {
    uint8_t bytes[DEAL_HASH];
    uint8_t (*siblings)[DEAL_HASH]; // DEAL_PROOF of them
};

// The block of the cluster that a deal depends on, and waits for. All zero: none.
struct beacon {
    int32_t k; // of the deal
    int64_t wanted_ms;
    uint64_t slot;           // that was named; 0: not yet
    uint64_t block;          // the slot of the first block at or after it; 0: it has not come
    uint8_t hash[DEAL_HASH]; // of that block
    char *given_up;          // why the deal goes without; NULL: it does not
};

struct burned {
    int32_t k;
    struct opened_secret secret;
    char *reason;
};

// People's names where the game is shown. They are no part of the game: nothing that is stored has them.
struct names_shown {
    uint64_t version;               // another version: somebody has another name
    uint64_t looked;                // the names known when it was last made,
    uint64_t entries;               // and the number of public entries then
    size_t people;                  // and the number of people then
    struct uuid god_id;             // the god then,
    char god[PERSON_NAME];          // whose name this is; "" when it is unknown
    uint16_t seats[GAME_MAX_SEATS]; // and who was seated
};

struct undo;

struct game {
    struct hash_chain chain;
    struct log_index log;
    struct class_changes classes; // who came to see it as another kind of viewer does
    int64_t newest_ms;            // time of the newest entry
    uint64_t act;     // number of the newest entry that the god, an assistant, a dev or the clock made
    int64_t acted_ms; // time of the newest of these that was not the clock's
    struct uuid id, group_id, god_id, opener_id, deck_id; // opener: its first god
    int32_t rules_version, deck_version;
    char *deck_name;
    struct terms terms;
    Events__Event__State state;
    int64_t created_ms;
    uint64_t revision; // grows when the god changes what is announced: the public number of that entry
    int64_t revised_ms;
    uint8_t image[DEAL_HASH];
    char image_type[16]; // "" without an image
    int32_t reminded_s;  // reminders this long before the start, and longer ones, are done

    struct role_facts *roles;
    size_t roles_count, deck_roles; // the deck's roles come first
    struct uuid *sides;
    size_t sides_count;
    struct last_move_facts *moves;
    size_t moves_count;

    struct person *people;
    size_t people_count;
    struct names_shown names;
    struct idmap people_by_id;
    uint16_t seats[GAME_MAX_SEATS]; // person + 1; 0: free
    int32_t seats_taken;
    uint32_t claim_changes; // how many claims were made and taken back
    uint16_t *waiting;
    size_t waiting_count;
    struct hold *holds; // in the order in which they began
    size_t holds_count;
    struct payments_told told;
    bool locking;                       // it is to be locked when its holds have ended
    bool end_taken_back;                // of a finished game: its pot is not divided
    char cluster_address[GAME_ADDRESS]; // since its seats, which cost LAMPORTS, can be paid; "" before
    int64_t earliest_start_ms;          // that it had since its seats cost LAMPORTS, until they could be paid
    struct idmap claims;                // by account: the person + 1 whose seat it took over; 0: no more
    struct uuid *seen;                  // who may have seen all cards since they were first dealt
    size_t seen_count;
    struct ban *bans;
    size_t bans_count;
    struct idmap votes; // by user, in the form of vote_kept
    int32_t upvotes, downvotes;

    struct deal_commitments commitments;
    bool further; // it committed to more than the first eight
    uint8_t deck_hash[DEAL_HASH];
    int32_t k; // secret in use, or the next to be used
    bool dealt, opened;
    uint8_t root[DEAL_HASH];
    struct opened_secret secret;
    struct burned *burned;
    size_t burned_count;
    struct beacon beacon, next_beacon; // of deal k; of the re-deal that was asked for
    uint64_t beacon_from;              // the first entry that wanted one; 0: none did

    struct phase *phases;
    size_t phases_count;
    struct assistant assistants[GAME_MAX_ASSISTANTS];
    size_t assistants_count;
    struct speech_clock clock; // of the open phase
    struct ready_check ready_check;
    struct poll *polls;
    size_t polls_count;
    struct note *notes;
    size_t notes_count;
    struct use *uses;
    size_t uses_count;
    struct chained *chained; // in the order in which they were
    size_t chained_count;
    struct uuid *winners;
    size_t winners_count;
    struct undo *undos; // what can be undone (undo.h), the newest last
    size_t undos_count;

    int64_t ended_ms;     // 0 until it is over
    uint64_t room_rights; // newest entry by which somebody may have got or lost a right in a room
    struct slow_room *slow;
    size_t slow_count;
    struct mute *mutes;
    size_t mutes_count;
    struct message_report *reports;
    size_t reports_count;
};

void game_init(struct game *game);
void game_finish(struct game *game);
size_t game_bytes(const struct game *game); // about how much memory it takes

// Applies the next entry. False when the entry does not fit the state, or without memory: the state is
// invalid then.
bool game_apply(struct game *game, const uint8_t salt[HASH_CHAIN_SALT], const void *entry, size_t len);
// The same for an unpacked entry whose packed bytes are given.
bool game_fold(struct game *game, const Game__Entry *entry, const uint8_t leaf[HASH_CHAIN_HASH]);

// "PHASE_CLOSED"; "" for an entry without a body.
const char *game_kind(Game__Entry__BodyCase which);

bool game_over(const struct game *game);
// Whether cards are dealt; phases may follow or have begun.
bool game_playing(const struct game *game);
// By the id in this event, or the account that took over a guest's seat.
int game_person(const struct game *game, const char *user_id);      // GAME_NO_ONE when unknown
int game_player(const struct game *game, const char *user_id);      // person with a seat, else GAME_NO_ONE
int game_waiting_place(const struct game *game, int person);        // from 1; 0: not waiting
bool game_takes_part(const struct game *game, int person);          // has a seat or waits for one
struct ban *game_ban(const struct game *game, const char *user_id); // NULL when none
// What a closed phase keeps of a player, as of now.
struct player_then game_player_now(const struct game *game, int person);
int game_assistant(const struct game *game, const char *user_id); // place; GAME_NO_ONE when not one
bool game_has_seen(const struct game *game, const char *user_id);
bool game_has_left(const struct game *game, const char *user_id); // by themselves, and has not come since
bool person_is(const struct person *person, const char *user_id); // by either id
const char *person_account(const struct person *person);          // "" for a guest
const char *person_owner(const struct person *person);            // the account, or the id of a guest
const char *person_name(const struct person *person);             // the name that is shown
struct phase *game_open_phase(const struct game *game);           // NULL when none
struct poll *game_open_poll(const struct game *game);             // NULL when none
struct poll *game_poll(const struct game *game, const char *poll_id);
bool game_is_chained(const struct game *game, int person, int to); // and still is
int32_t game_deals(const struct game *game);                       // how many deals the event committed to
int32_t game_closed_phases(const struct game *game);
const struct role_facts *game_role(const struct game *game,
                                   unsigned place);                // as in struct person; NULL for 0
const char *game_role_id(const struct game *game, unsigned place); // "" for 0
const char *game_side_id(const struct game *game, unsigned place); // "" for 0
int game_find_role(const struct game *game, const char *role_id);  // place, 0 when unknown
bool game_has_side(const struct game *game, const char *side_id);
int32_t game_slow_s(const struct game *game, const char *room);                // 0: at any pace
struct mute *game_mute(const struct game *game, const char *room, int person); // NULL: there never was one
// By whom the message was reported; from `from` on in game.reports. NULL: no more.
const struct message_report *game_report(const struct game *game, const char *room, const char *message_id,
                                         size_t *from);
// Confirmed players in seat order; returns how many.
size_t game_roster(const struct game *game, uint16_t people[GAME_MAX_SEATS]);
bool game_is_priced(const struct game *game);
bool game_is_on_cluster(const struct game *game); // it is, or will be: its seats cost LAMPORTS
bool game_is_payable(const struct game *game);    // free events are, too
struct hold *game_hold(const struct game *game, const char *hold_id);      // NULL when there never was one
struct hold *game_hold_of(const struct game *game, int person);            // of their seat; NULL: none
const struct hold *game_waiting_hold(const struct game *game, int person); // that they wait with, paid
bool hold_is_open(const struct hold *hold);                                // it may still end, or be paid
struct beacon *game_beacon(const struct game *game, uint32_t k); // of this deal; NULL: none was wanted
bool game_awaits_beacon(const struct game *game);                // the next deal can't be made without
bool beacon_is_awaited(const struct beacon *beacon);
void beacon_finish(struct beacon *beacon);

// A user's vote and how often it changed, in the form that the map of votes keeps.
uint32_t vote_kept(Events__Vote__Value vote, uint32_t changes);
Events__Vote__Value vote_value(uint32_t kept);
uint32_t vote_changes(uint32_t kept);
Events__Vote__Value game_vote(const struct game *game, const char *user_id); // NONE when there is none

// Room for one more at the end of *array, zeroed; NULL without memory. Capacity doubles at powers of two.
void *array_add(void *array, size_t *count, size_t size);

#endif
