// What clients named their orders, as long as it is remembered: a day, or the newest of too many. Who has
// more than an even share of those makes room for their own, so nobody's are forgotten because somebody else
// places many.
#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"

enum { FIRST_ROOM = 64 };

struct client_key {
    uint32_t account;
    uint8_t id[EXCHANGE_CLIENT_BYTES];
};
struct named {
    uint64_t hash;
    struct client_key key;
    uint8_t unused[4];
    uint64_t number;
    int64_t time_ms;
};
struct namer {
    uint64_t hash;
    uint32_t account;
    uint32_t count;
    uint32_t oldest, newest; // places among nodes, from 1
};
struct client_node {
    struct exchange_client client;
    uint32_t older, newer;
    uint32_t own_newer; // of the same account
};

void exchange_clients_init(struct exchange_clients *clients, const uint8_t seed[16])
{
    *clients = (struct exchange_clients){.count = 0};
    ledger_map_init(&clients->map, sizeof(struct named), sizeof(struct client_key), EXCHANGE_CLIENTS_MAX + 1,
                    seed);
    ledger_map_init(&clients->owners, sizeof(struct namer), sizeof(uint32_t), EXCHANGE_CLIENTS_MAX + 1, seed);
}

void exchange_clients_finish(struct exchange_clients *clients)
{
    ledger_map_finish(&clients->map);
    ledger_map_finish(&clients->owners);
    free(clients->nodes);
}

static struct client_node *node_at(const struct exchange_clients *clients, uint32_t place)
{
    return &clients->nodes[place - 1];
}

static struct named *find_named(const struct exchange_clients *clients, uint32_t account,
                                const uint8_t id[EXCHANGE_CLIENT_BYTES])
{
    struct client_key key = {.account = account};
    memcpy(key.id, id, sizeof key.id);
    return clients->map.count ? ledger_map_find(&clients->map, &key) : NULL;
}

uint64_t exchange_client(const struct exchange *exchange, uint32_t account,
                         const uint8_t id[EXCHANGE_CLIENT_BYTES], int64_t now_ms)
{
    const struct named *named = find_named(&exchange->clients, account, id);
    return named && named->time_ms > now_ms - EXCHANGE_CLIENT_MS ? named->number : 0;
}

static struct namer *find_namer(const struct exchange_clients *clients, uint32_t account)
{
    return clients->owners.count ? ledger_map_find(&clients->owners, &account) : NULL;
}

// ---- Room

static bool grow_nodes(struct exchange_clients *clients)
{
    uint32_t room = clients->room ? clients->room * 2 : FIRST_ROOM;
    struct client_node *grown = realloc(clients->nodes, room * sizeof *grown);
    if (!grown) return false;
    clients->nodes = grown;
    for (; clients->room < room; clients->spare = ++clients->room)
        grown[clients->room] = (struct client_node){.newer = clients->spare};
    return true;
}

bool exchange_clients_reserve(struct exchange_clients *clients)
{
    if (!ledger_map_reserve(&clients->map, clients->map.count <= EXCHANGE_CLIENTS_MAX) ||
        !ledger_map_reserve(&clients->owners, clients->owners.count <= EXCHANGE_CLIENTS_MAX))
        return false;
    return clients->spare || clients->room >= EXCHANGE_CLIENTS_MAX || grow_nodes(clients);
}

// ---- Forgetting

static void unlink_node(struct exchange_clients *clients, const struct client_node *node)
{
    *(node->older ? &node_at(clients, node->older)->newer : &clients->oldest) = node->newer;
    *(node->newer ? &node_at(clients, node->newer)->older : &clients->newest) = node->older;
}

// The oldest of its account.
static void forget_one(struct exchange_clients *clients, uint32_t place)
{
    struct client_node *node = node_at(clients, place);
    struct namer *namer = find_namer(clients, node->client.account);
    struct named *named = find_named(clients, node->client.account, node->client.id);
    if (named && named->number == node->client.number) ledger_map_remove(&clients->map, named);
    unlink_node(clients, node);
    namer->oldest = node->own_newer;
    if (!--namer->count) ledger_map_remove(&clients->owners, namer);
    *node = (struct client_node){.newer = clients->spare};
    clients->spare = place;
    clients->count--;
}

static void make_place(struct exchange_clients *clients, uint32_t account, int64_t now_ms)
{
    while (clients->oldest &&
           node_at(clients, clients->oldest)->client.time_ms <= now_ms - EXCHANGE_CLIENT_MS)
        forget_one(clients, clients->oldest);
    if (clients->count < EXCHANGE_CLIENTS_MAX) return;
    const struct namer *namer = find_namer(clients, account);
    bool many = namer && (uint64_t)namer->count * clients->owners.count > EXCHANGE_CLIENTS_MAX;
    forget_one(clients, many ? namer->oldest : clients->oldest);
}

// ---- Remembering

static void link_newest(struct exchange_clients *clients, const struct exchange_client *client)
{
    const uint32_t place = clients->spare;
    struct client_node *node = node_at(clients, place);
    struct namer *namer = find_namer(clients, client->account);
    if (!namer) namer = ledger_map_put(&clients->owners, &client->account);
    clients->spare = node->newer;
    *node = (struct client_node){.client = *client, .older = clients->newest};
    *(clients->newest ? &node_at(clients, clients->newest)->newer : &clients->oldest) = place;
    *(namer->count ? &node_at(clients, namer->newest)->own_newer : &namer->oldest) = place;
    clients->newest = namer->newest = place;
    namer->count++;
    clients->count++;
}

void exchange_remember(struct exchange *exchange, const struct exchange_client *client)
{
    struct exchange_clients *clients = &exchange->clients;
    struct client_key key = {.account = client->account};
    if (!clients->room) return; // none was reserved
    make_place(clients, client->account, client->time_ms);
    memcpy(key.id, client->id, sizeof key.id);
    struct named *named = find_named(clients, client->account, client->id);
    if (!named) named = ledger_map_put(&clients->map, &key);
    named->number = client->number;
    named->time_ms = client->time_ms;
    link_newest(clients, client);
}

// ---- For a snapshot

enum { BYTES = 8 + 8 + 4 + EXCHANGE_CLIENT_BYTES };

size_t exchange_clients_size(const struct exchange_clients *clients)
{
    return 4 + (size_t)clients->count * BYTES;
}

void exchange_clients_write(const struct exchange_clients *clients, struct fields_writer *writer)
{
    fields_put_uint(writer, clients->count, 4);
    for (uint32_t place = clients->oldest; place; place = node_at(clients, place)->newer) {
        const struct exchange_client *client = &node_at(clients, place)->client;
        fields_put_uint(writer, client->number, 8);
        fields_put_uint(writer, (uint64_t)client->time_ms, 8);
        fields_put_uint(writer, client->account, 4);
        fields_put(writer, client->id, sizeof client->id);
    }
}

bool exchange_clients_read(struct exchange *exchange, struct fields_reader *reader)
{
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count > reader->left / BYTES || count > EXCHANGE_CLIENTS_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct exchange_client client;
        client.number = fields_get_uint(reader, 8);
        client.time_ms = (int64_t)fields_get_uint(reader, 8);
        client.account = (uint32_t)fields_get_uint(reader, 4);
        fields_get(reader, client.id, sizeof client.id);
        if (!exchange_clients_reserve(&exchange->clients)) return false;
        exchange_remember(exchange, &client);
    }
    return exchange->clients.count == count;
}
