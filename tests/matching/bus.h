// Calls to conse-chain on the bus: for people, as a gateway makes them, and for the operator.
#ifndef TESTS_MATCHING_BUS_H
#define TESTS_MATCHING_BUS_H

#include "lib/base/arena.h"
#include "lib/rpc/client.h"
#include "lib/rpc/frame.h"

enum { BUS_TURN = RPC_MAX_FRAMES }; // calls that travel together, and are carried out in their order

struct bus {
    struct rpc_client *people, *operators;
    struct arena arena; // of replies
    size_t running;
};

// One call of a turn.
struct asked {
    struct bus *bus;
    const struct schema_method *method;
    bool ok;
    struct err err;                // when it is not
    const ProtobufCMessage *reply; // when it is; in the arena of the bus
};

// Ends the program when nobody answers, as the others do on a fault.
void bus_open(struct bus *bus, const char *address);
void bus_close(struct bus *bus);

// Between two turns: forgets the replies of the last one.
void bus_begin_turn(struct bus *bus);
// The call of a person, by number; asked has to stay until the turn is over.
void bus_send(struct bus *bus, struct asked *asked, uint32_t person, const char *method,
              const ProtobufCMessage *request);
// Until all of them are answered.
void bus_end_turn(struct bus *bus);

// One call between turns, which has to succeed. Its reply is there until the next turn, or call.
const ProtobufCMessage *bus_ask(struct bus *bus, uint32_t person, const char *method,
                                const ProtobufCMessage *request);
const ProtobufCMessage *bus_ask_operator(struct bus *bus, const char *method,
                                         const ProtobufCMessage *request);

// Of an entry of the stream chain.ledger: the newest.
uint64_t bus_newest_entry(struct bus *bus);

#endif
