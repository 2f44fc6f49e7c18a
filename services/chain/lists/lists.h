// Whitelists, as a part of the ledger's fold: each has wallets, and of each wallet the mints that were
// approved for it or that it burned. A mint is on a list once. What counts for how much is in the entries, so
// nothing here follows from a setting. docs/whitelists.md has the words, and what is proven of them.
#ifndef CHAIN_LISTS_LISTS_H
#define CHAIN_LISTS_LISTS_H

#include "ledger.pb-c.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/map.h"
#include "services/chain/lists/leaf.h"
#include "services/chain/lists/nodes.h"

enum {
    LISTS_SINCE = 10,        // CONSE_FORMAT: older programs don't know the entries
    LISTS_OPENED_SINCE = 12, // the same: of lists on the cluster
    LISTS_MOST = 4096,
    LISTS_MARKS_MOST = 1 << 20,   // of all lists
    LIST_MARKS_MOST = 100000,     // of one
    LIST_OWNER_MARKS_MOST = 1000, // of one wallet on it
    LIST_WANTED_MOST = 10000,
    LIST_AT_ONCE = 100, // mints of one entry
    LIST_POINTS_MOST = 1000000,
};

// A mint that a list takes.
struct list_mint {
    uint8_t mint[LIST_KEY_BYTES];
    uint32_t points; // that it counts for
};

// What a wallet has on a list, in the order in which it came.
struct list_owner {
    uint8_t wallet[LIST_KEY_BYTES];
    uint64_t score; // the points of its marks
    struct list_mark *marks;
    uint32_t count, room;
    struct merkle_hash leaf;
};

struct list {
    uint32_t number; // from 1
    char name[LIST_NAME_MAX + 1];
    uint32_t account; // of who made it
    int64_t made_ms, changed_ms;
    uint64_t changed;           // the entry that changed it last
    struct list_owner **owners; // ascending by wallet
    uint32_t owners_count, owners_room;
    uint32_t marks, burned;          // all; and those of wallets that burned
    bool opened;                     // it is on the cluster too
    uint8_t address[LIST_KEY_BYTES]; // there
    struct list_mint *mints;         // that it takes, ascending
    uint32_t wanted;                 // how many; 0: any that is approved
    uint32_t wanted_room;
    struct list_nodes *nodes; // of a version; NULL: nobody asked yet
};

struct lists {
    struct list **all; // by number, less one
    uint32_t count, room;
    uint64_t marks_count;                  // of all
    bool cards_opened;                     // the list of role cards is on the cluster: nobody made it here
    uint8_t cards_address[LIST_KEY_BYTES]; // there
    struct ledger_map names;               // of lists
    struct ledger_map marks;               // by list and mint
    struct list *spare_list;               // for the entry that was checked
    struct list_owner *spare_owner;
};

void lists_init(struct lists *lists, const uint8_t seed[16]);
void lists_finish(struct lists *lists);

// Whether a list can have the name: 1 to 32 of [a-z0-9-].
bool lists_is_name(const char *name);
// Of the list of role cards on the cluster, whose number is 0. No other list can have it.
extern const char LISTS_CARDS_NAME[];
// NULL: there is none.
struct list *lists_find(const struct lists *lists, const char *name);
struct list *lists_get(const struct lists *lists, uint32_t number);
uint32_t lists_of(const struct lists *lists, uint32_t account); // how many it made

// NULL: it is not on the list. `place`: where it stands, or would.
struct list_owner *list_find_owner(const struct list *list, const uint8_t wallet[LIST_KEY_BYTES],
                                   uint32_t *place);
// Whose mint it is on the list; NULL: it is not on it.
const struct list_owner *lists_marked(const struct lists *lists, const struct list *list,
                                      const uint8_t mint[LIST_KEY_BYTES]);
// NULL: it is none of those that the list takes. `place`: where it stands, or would.
struct list_mint *list_find_mint(const struct list *list, const uint8_t mint[LIST_KEY_BYTES],
                                 uint32_t *place);
// What the list gives for the mint; 0: it does not take it.
uint32_t list_points(const struct list *list, const uint8_t mint[LIST_KEY_BYTES]);

// The tree of the list as it is now, held by the caller; NULL: nobody has made it yet.
struct list_nodes *list_hold_nodes(const struct list *list);
// Has others find a tree that was made. Of another list than this is now it does nothing.
void list_keep_nodes(struct list *list, struct list_nodes *nodes);

// What is wrong with an entry; NULL: it may follow, or is not of this part, and there is memory for it.
const char *lists_check(struct lists *lists, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry);
// Makes what was checked the newest; `seq` is its number.
void lists_apply(struct lists *lists, const Ledger__Entry *entry, uint64_t seq);

// Everything, for a snapshot. Read into empty ones; false when it is damaged, or memory is short.
size_t lists_size(const struct lists *lists);
void lists_write(const struct lists *lists, struct fields_writer *writer);
bool lists_read(struct lists *lists, struct fields_reader *reader);

#endif
