// consectl whitelist: lists of wallets, as an operator makes and fills them.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists.pb-c.h"
#include "services/chain/lists/lists.h"
#include "services/chain/lists/seed.h"
#include "tools/consectl/consectl.h"

enum { FILE_MOST = 16 << 20 };

static int list_make(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    Chain__MakeWhitelistRequest request = CHAIN__MAKE_WHITELIST_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.name = argv[0];
    if (!ctl_ask(ctl, "chain.MakeWhitelist", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
    ctl_print_json(reply);
    return STATUS_OK;
}

static int list_show(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    Chain__WhitelistRequest request = CHAIN__WHITELIST_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.name = argv[0];
    if (!ctl_ask(ctl, "chain.GetWhitelist", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
    ctl_print_json(reply);
    return STATUS_OK;
}

// ---- Filling

static bool read_file(struct ctl *ctl, const char *path, char **text, size_t *len, struct err *err)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file) return err_fail(err, NOT_FOUND, "there is no file %s", path);
    *text = arena_alloc(&ctl->arena, FILE_MOST);
    *len = *text ? fread(*text, 1, FILE_MOST, file) : 0;
    bool whole = *text && *len < FILE_MOST && !ferror(file);
    if (file != stdin) fclose(file);
    return whole || err_fail(err, CALL_TOO_LARGE, "%s can't be read, or is larger than 16 MiB", path);
}

// What the next call takes.
struct filling {
    struct ctl *ctl;
    const char *name;
    size_t mints_count, entries_count, marks; // marks: mints of all entries
    Chain__WhitelistMint mints[LIST_AT_ONCE], *mint_places[LIST_AT_ONCE];
    Chain__NewWhitelistEntry entries[LIST_AT_ONCE], *entry_places[LIST_AT_ONCE];
    const char *marked[LIST_AT_ONCE];
    uint64_t wanted, added;
};

static bool send_mints(struct filling *filling, struct err *err)
{
    Chain__AddWhitelistMintsRequest request = CHAIN__ADD_WHITELIST_MINTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    if (!filling->mints_count) return true;
    request.name = filling->name;
    request.mints = filling->mint_places;
    request.n_mints = filling->mints_count;
    if (!ctl_ask(filling->ctl, "chain.AddWhitelistMints", &request.base, &reply, err)) return false;
    filling->wanted += filling->mints_count;
    filling->mints_count = 0;
    return true;
}

static bool send_entries(struct filling *filling, struct err *err)
{
    Chain__AddWhitelistEntriesRequest request = CHAIN__ADD_WHITELIST_ENTRIES_REQUEST__INIT;
    ProtobufCMessage *reply;
    if (!filling->entries_count) return true;
    request.name = filling->name;
    request.entries = filling->entry_places;
    request.n_entries = filling->entries_count;
    if (!ctl_ask(filling->ctl, "chain.AddWhitelistEntries", &request.base, &reply, err)) return false;
    filling->added += ((const Chain__AddWhitelistEntriesReply *)reply)->added;
    filling->entries_count = filling->marks = 0;
    return true;
}

static bool take_mint(struct filling *filling, const struct list_seed *seed, struct err *err)
{
    if (filling->mints_count == LIST_AT_ONCE && !send_mints(filling, err)) return false;
    Chain__WhitelistMint *mint = &filling->mints[filling->mints_count];
    chain__whitelist_mint__init(mint);
    mint->mint = arena_str(&filling->ctl->arena, seed->mint);
    mint->points = seed->points;
    filling->mint_places[filling->mints_count++] = mint;
    return true;
}

static bool is_newest(const struct filling *filling, const char *wallet)
{
    return filling->entries_count && strcmp(filling->entries[filling->entries_count - 1].wallet, wallet) == 0;
}

// A call names a wallet once.
static bool is_named(const struct filling *filling, const char *wallet)
{
    bool named = false;
    for (size_t i = 0; !named && i < filling->entries_count; i++)
        named = strcmp(filling->entries[i].wallet, wallet) == 0;
    return named;
}

// What the list takes is said before what is on it.
static bool take_entry(struct filling *filling, const struct list_seed *seed, struct err *err)
{
    bool full = filling->marks == LIST_AT_ONCE;
    bool again = !is_newest(filling, seed->wallet) && is_named(filling, seed->wallet);
    if (!send_mints(filling, err) || ((full || again) && !send_entries(filling, err))) return false;
    if (!is_newest(filling, seed->wallet)) {
        Chain__NewWhitelistEntry *entry = &filling->entries[filling->entries_count];
        chain__new_whitelist_entry__init(entry);
        entry->wallet = arena_str(&filling->ctl->arena, seed->wallet);
        entry->mints = &filling->marked[filling->marks];
        filling->entry_places[filling->entries_count++] = entry;
    }
    filling->marked[filling->marks++] = arena_str(&filling->ctl->arena, seed->mint);
    filling->entries[filling->entries_count - 1].n_mints++;
    return true;
}

static bool fill_all(struct filling *filling, const char *text, size_t len, struct err *err)
{
    struct list_seed_reader reader = list_seed_reader(text, len);
    struct list_seed seed;
    while (list_seed_next(&reader, &seed, err))
        if (*seed.wallet ? !take_entry(filling, &seed, err)
                         : !(send_entries(filling, err) && take_mint(filling, &seed, err)))
            return false;
    return !err->reason && send_mints(filling, err) && send_entries(filling, err);
}

static int list_seed(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct filling *filling = arena_new(&ctl->arena, struct filling);
    struct err err = {0};
    char *text;
    size_t len;
    if (!filling || !read_file(ctl, argv[1], &text, &len, &err) || !list_seed_check(text, len, &err))
        return ctl_fail(ctl, &err);
    filling->ctl = ctl;
    filling->name = argv[0];
    if (!fill_all(filling, text, len, &err)) return ctl_fail(ctl, &err);
    printf(ctl->json ? "{\"mints\":%" PRIu64 ",\"added\":%" PRIu64 "}\n"
                     : "the list takes %" PRIu64 " mints of the file, and got %" PRIu64 " entries\n",
           filling->wanted, filling->added);
    return STATUS_OK;
}

const struct ctl_command list_commands[] = {
    {.name = "whitelist make",
     .usage = "NAME",
     .help = "makes a whitelist, to which operators and devs add",
     .more = "It has no god. A name is taken once, and for good.",
     .least = 1,
     .most = 1,
     .run = list_make},
    {.name = "whitelist seed",
     .usage = "NAME FILE",
     .help = "fills a whitelist from a file, which may be given again",
     .more =
         "A line \"mint MINT [POINTS]\" names a mint that the list takes, \"entry WALLET MINT ...\" approves "
         "mints for a wallet. - is the standard input.",
     .least = 2,
     .most = 2,
     .run = list_seed},
    {.name = "whitelist show",
     .usage = "NAME",
     .help = "shows a whitelist and its signed root",
     .more = "How the root is computed, and checked, is in docs/whitelists.md.",
     .least = 1,
     .most = 1,
     .run = list_show},
    {0},
};
