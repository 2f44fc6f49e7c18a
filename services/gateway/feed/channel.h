// A stream as one loop follows it. Its viewers of one class at one place are a group, for which one of them
// asks; who is not in a group, because they come, are behind or may have another class now, is asked for by
// themselves. One question is out at a time, for all; besides, one page for each viewer who is far behind.
// News only say that there is something to ask for.
#ifndef GATEWAY_FEED_CHANNEL_H
#define GATEWAY_FEED_CHANNEL_H

#include "lib/base/arena.h"
#include "lib/base/ids.h"
#include "services/gateway/feed/feed.h"
#include "services/gateway/feed/source.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/names.h"

enum {
    CHANNEL_KEY = 16,
    CHANNEL_VIEWERS = 256,
    FEED_SLOTS = 150, // between heads: few at once, so that requests do not wait for them
};

struct channel;

struct group {
    struct channel *channel;
    struct group *next;
    uint8_t key[CHANNEL_KEY];
    char epoch[CURSOR_EPOCH + 1];
    struct ring ring;        // of a state: its head is the number of the newest one
    struct feed_item *state; // of a source that tells states
    struct feed_sub *members;
    bool leads, hears_typing, seated;
    bool due;        // to be asked for, when not all are
    int64_t next_ms; // unix: when more is shown without news; 0: unknown
};

enum sub_state {
    SUB_OUTSIDE, // of all groups: asked for by itself
    SUB_PAGED,   // a page is out for it
    SUB_MEMBER,
};

struct feed_sub {
    struct feed_viewer *viewer;
    struct channel *channel;
    struct group *group;            // of a member
    struct feed_sub *next, **link;  // in its group, or outside
    struct feed_sub *next_of, **of; // of its viewer
    void *arg;                      // the transport's
    enum sub_state state;
    bool placed; // its cursor is epoch and offset; else it begins, or from a lost cursor
    bool lost;   // what it came with is no cursor
    bool live;   // told that all that it missed has come, or began with a snapshot
    bool wants_page;
    bool admitted;   // there is such a stream, and its viewer may see it
    bool held;       // was asked for, when there was no room
    bool present;    // counted as following the event
    bool seated;     // counted as a player of a game that is played
    uint32_t typing; // how often it was told, or not told, who writes: that of the channel
    char epoch[CURSOR_EPOCH + 1];
    uint64_t offset;
    uint64_t page_id;
    uint8_t *page_request;       // packed, while a page is out
    struct hub_subscription own; // to the caller's own stream
};

// For whom a question was asked; NULL: they have left since.
struct asked_view {
    struct group *group;
    struct feed_sub *sub; // of the group the one that stands for it
    size_t view;          // in the reply: nobodies with one cursor share it
};

struct question {
    bool out;
    uint64_t id;
    struct asked_view views[CHANNEL_VIEWERS];
    size_t count, views_asked;
};

// One of its source's streams of news.
struct channel_news {
    struct channel *channel;
    const struct source_news *of;
    struct hub_subscription subscription;
};

struct channel {
    struct feed *feed;
    const struct source *source;
    struct name name; // in the feed
    char topic[FEED_TOPIC_SIZE], id[FEED_TOPIC_SIZE];
    char text[2 * FEED_TOPIC_SIZE]; // both, as its name
    char event_id[UUID_LEN + 1];    // which the id begins with: its calls go to one peer
    struct channel_news news[SOURCE_NEWS];
    char named[FEED_TOPIC_SIZE]; // the stream of news that answers name; "": none did
    struct group *groups;
    struct feed_sub *outside;
    size_t subs;
    struct question *question;
    uint64_t seq, event_seq, classes; // of the newest reply
    struct feed_item *typing;         // who writes just now; NULL: nobody was told of
    uint32_t typing_changes;
    bool anybody_types;
    int64_t typing_until_ms; // of the loop: then somebody is forgotten; 0: nobody writes
    uint64_t heard;          // the newest entry that news told of, when they tell the number
    int64_t asked_ms;        // of the loop
    bool dirty, fresh;       // there is something to ask for; because of news
    bool all_due;            // for all groups
    bool listed;             // among the feed's that are due
    struct channel *next_due;
    int64_t retry_ms; // how long to wait after a failure; 0: none
    bool waits;       // for that, or until it may ask again
    int64_t pages_ms; // of the loop: pages are not asked for before, because one failed
    int64_t page_retry_ms;
    unsigned stale;  // answers in a row that know less than is known here
    int64_t left_ms; // when its last viewer left
    struct loop_timer timer;
};

// ---- channel.c

// The topic of this caller; user_id: "" for nobody.
struct channel *channel_create(struct feed *feed, const char *topic, const char *user_id, struct err *err);
void channel_destroy(struct channel *channel);                     // without subscriptions
void channel_enter(struct channel *channel, struct feed_sub *sub); // outside
void channel_admit(struct feed_sub *sub);       // an answer was one for it: its viewer is there
void channel_leave(struct feed_sub *sub);       // from wherever it is, and from open questions
void channel_step_out(struct feed_sub *sub);    // of its group, to be asked for by itself
void channel_judge_again(struct feed_sub *sub); // the same; an answer that is out is not about it any more
void channel_seat(struct feed_sub *sub, bool seated);
// head: of the stream as this class sees it. Who says to be further stays alone with that.
void channel_step_in(struct feed_sub *sub, const uint8_t key[CHANNEL_KEY], uint64_t head);
// The newest state of a group that is told states.
void group_take_state(struct group *group, struct feed_item *item, uint64_t number);
void channel_list(struct channel *channel, bool fresh); // there is something to ask for, this turn
void channel_mark(struct channel *channel, bool fresh); // for all
// Hears the leaders' stream as long as a group leads.
void channel_hear_leaders(struct channel *channel);
// Hears the stream that an answer names, "" for none. Another one is about something else: what is known of
// the one before counts no more.
void channel_hear_named(struct channel *channel, const char *stream);

// ---- question.c

// Asks, unless a question is out, or there is nobody to ask for.
void channel_ask(struct channel *channel);
void channel_on_timer(void *arg);
void channel_wait(struct channel *channel, int64_t at_ms); // then its timer fires
// Tells that the stream is no more, or never was.
void channel_end_sub(struct feed_sub *sub, const struct err *err);

// ---- answer.c

bool answer_is_sound(const Events__FollowReply *reply);
// Who comes is there as far as they may see the stream.
void answer_admit(struct channel *channel, const Events__FollowReply *reply);
// Asks again when somebody sees more without news, or a page is tried again.
void channel_set_timer(struct channel *channel);
void answer_take(struct channel *channel, const Events__FollowReply *reply);
void answer_take_page(struct feed_sub *sub, const Events__FollowReply *reply); // of one view

// ---- deliver.c

bool sub_has_room(const struct feed_sub *sub);
void sub_tell(struct feed_sub *sub, struct feed_message *message);
// Gives a member what its group's ring has; who needs more than the ring has steps out.
void sub_advance(struct feed_sub *sub);
// Tells a member who writes just now, when that is another than before.
void sub_tell_typing(struct feed_sub *sub);
bool viewer_is_slow(struct feed_viewer *viewer);       // too far behind, or for too long
bool viewer_takes_nothing(struct feed_viewer *viewer); // since this was asked last

// ---- feed.c

struct feed {
    struct feed_options options;
    struct names channels;
    struct channel *due;
    struct feed_viewer *viewers[FEED_SLOTS], *due_viewers; // by the slot of the wheel that tells them heads
    struct feed_viewer **last_due;                         // where the next one that is due goes
    size_t viewers_count;
    struct feed_viewer *current; // being looked at; NULL once it has left
    uint8_t key[16];             // of the channels' names
    struct arena arena;          // of what is being asked or read
    struct loop_timer wheel;
    size_t slot;
    int64_t slot_ms;      // each: a head comes every FEED_SLOTS of them
    unsigned revocations; // that were looked at
    size_t behind;        // viewers for whom too many messages wait
    bool draining;
    struct metric *count, *ended[FEED_ENDS], *told[FEED_KINDS];
};

void feed_mark(struct feed_viewer *viewer); // to be looked at in this turn
// Ends whoever may not go on, before something is told.
void feed_check_rights(struct feed *feed);
bool feed_may_go_on(const struct feed_viewer *viewer);
void viewer_end(struct feed_viewer *viewer, enum feed_end why, int64_t retry_ms);

#endif
