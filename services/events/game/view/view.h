// What a viewer may see of a game, as the messages of the API. Pure; everything is copied into the arena, so
// the state may change afterwards. NULL when the arena is full.
#ifndef EVENTS_GAME_VIEW_VIEW_H
#define EVENTS_GAME_VIEW_VIEW_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

// The viewer: the god, an assistant or a dev sees all, unless they take part; a person sees what they were
// told, also after they left; at the end everyone sees all.
struct viewer view_as(const struct game *game, const char *user_id, bool dev);
struct viewer view_as_god(const struct game *game);
struct viewer view_as_public(const struct game *game);

// The number of the newest act of the god or the clock; 0 for viewers that may not know how many there were.
uint64_t view_act(const struct game *game, const struct viewer *viewer);
Events__Event *view_event(const struct game *game, const struct viewer *viewer, const char *user_id,
                          struct arena *arena);
// Without content and players, for lists.
Events__Event *view_summary(const struct game *game, struct arena *arena);
Events__Player *view_player(const struct game *game, const struct viewer *viewer, int person,
                            struct arena *arena);
// The same as at the end of a phase.
Events__Player *view_player_then(const struct game *game, const struct viewer *viewer,
                                 const struct player_then *then, struct arena *arena);
// Of who has a seat or waits for one.
Events__Reservation *view_reservation(const struct game *game, const char *user_id, struct arena *arena);
Events__Person *view_person(const char *user_id, const char *username, struct arena *arena);
// With the name that they had when the ban was made.
Events__Ban *view_ban(const struct ban *ban, struct arena *arena);
Events__Phase *view_phase(const struct game *game, int32_t number, struct arena *arena);
Events__Poll *view_poll(const struct game *game, const struct viewer *viewer, const struct poll *poll,
                        struct arena *arena);
// The clock of who speaks, which must be set.
Events__SpeechClock *view_clock(const struct game *game, struct arena *arena);
// Whether all are ready, once they were asked.
Events__ReadyCheck *view_ready_check(const struct game *game, struct arena *arena);
Events__Deal *view_deal(const struct game *game, struct arena *arena);
Events__Deck *view_deck(const struct game *game, struct arena *arena);
Events__Proof *view_proof(const struct game *game, int person, const uint8_t secret[DEAL_HASH],
                          struct arena *arena);
// What the fold of a finished game has for events.games; what entries alone know is left out.
Game__FinishedGame *view_finished(const struct game *game, struct arena *arena);

// What the game does not know of what is shown: it is put into each report of a page before that is measured.
struct view_dress {
    bool (*report)(void *arg, Events__PhaseReport *report, struct arena *arena); // false: the arena is full
    void *arg;
    uint64_t version; // another one: something else is put in
};

// A part of a list. Numbers count what this viewer sees, and the end of a page follows from what they are
// shown, so it reveals no more.
struct view_page {
    int32_t first;                  // number of the first one wanted, from 1
    size_t most, most_bytes;        // the page ends after the one that passes either
    int32_t next;                   // number of the next one; 0: none
    const struct view_dress *dress; // of reports; NULL: nothing is put in
};
// The closed phases.
bool view_phases(const struct game *game, const struct viewer *viewer, struct view_page *page,
                 Events__ListPhasesReply *reply, struct arena *arena);
bool view_polls(const struct game *game, const struct viewer *viewer, struct view_page *page,
                Events__ListPollsReply *reply, struct arena *arena);
// All notes to the viewer; and a page of those that they see, and how many these are.
bool view_notes(const struct game *game, const struct viewer *viewer, Events__MeReply *reply,
                struct arena *arena);
bool view_notes_page(const struct game *game, const struct viewer *viewer, struct view_page *page,
                     Events__ListNotesReply *reply, struct arena *arena);
size_t view_notes_count(const struct game *game, const struct viewer *viewer);
// For who leads. Their pages do not look at most_bytes.
bool view_uses(const struct game *game, struct view_page *page, Events__ListUsesReply *reply,
               struct arena *arena);
bool view_waitlist(const struct game *game, struct view_page *page, Events__ListWaitlistReply *reply,
                   struct arena *arena);

#endif
